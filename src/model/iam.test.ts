import assert from "node:assert/strict";
import { test } from "node:test";
import { iamArn, nameOfArn } from "./iam.ts";

test("an ARN names partition, account, kind, path and name", () => {
	assert.equal(iamArn("aws", "123456789012", "role", "/", "my-role"), "arn:aws:iam::123456789012:role/my-role");
	assert.equal(
		iamArn("aws-cn", "123456789012", "instance-profile", "/team/a/", "web"),
		"arn:aws-cn:iam::123456789012:instance-profile/team/a/web",
	);
	assert.equal(nameOfArn("arn:aws-cn:iam::123456789012:instance-profile/team/a/web"), "web");
});
