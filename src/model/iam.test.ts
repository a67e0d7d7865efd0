import assert from "node:assert/strict";
import { test } from "node:test";
import { iamArn, type PolicyDocument, type Role, trustsEc2 } from "./iam.ts";

const EC2 = { Service: "ec2.amazonaws.com" };
const ALLOW = { Effect: "Allow", Action: "sts:AssumeRole", Principal: EC2 } as const;

function trusts(...statements: readonly Exclude<PolicyDocument["Statement"], readonly unknown[]>[]): boolean {
	const role: Role = { roleName: "r", roleId: "AROA1", path: "/", assumeRolePolicyDocument: { Statement: statements } };
	return trustsEc2(role);
}

test("a role without a trust policy trusts EC2", () => {
	assert.ok(trustsEc2({ roleName: "r", roleId: "AROA1", path: "/" }));
});

test("a role trusts EC2 where a statement lets it assume the role, in any of the ways to write that", () => {
	assert.ok(trusts(ALLOW));
	assert.ok(trusts({ ...ALLOW, Principal: { Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] } }));
	assert.ok(trusts({ ...ALLOW, Principal: { Service: "ec2.amazonaws.com.cn" } }));
	assert.ok(trusts({ ...ALLOW, Principal: "*" }));
	for (const Action of ["STS:assumerole", "sts:*", "*", ["sts:TagSession", "sts:AssumeRole"], "sts:Assume*", "sts:AssumeRol?"]) {
		assert.ok(trusts({ ...ALLOW, Action }), String(Action));
	}
	assert.ok(trusts({ ...ALLOW, Principal: { Service: "lambda.amazonaws.com" } }, ALLOW));
	assert.ok(
		trustsEc2({ roleName: "r", roleId: "AROA1", path: "/", assumeRolePolicyDocument: { Version: "2012-10-17", Statement: ALLOW } }),
	);
});

test("a role does not trust EC2 where nothing lets it, or something denies it", () => {
	assert.ok(!trusts());
	assert.ok(!trusts({ ...ALLOW, Principal: { Service: "lambda.amazonaws.com" } }));
	assert.ok(!trusts({ ...ALLOW, Principal: { Service: "xec2.amazonaws.com" } }));
	assert.ok(!trusts({ ...ALLOW, Principal: { Service: "ec2.amazonaws.com.evil" } }));
	assert.ok(!trusts({ ...ALLOW, Principal: { AWS: "arn:aws:iam::123456789012:root" } }));
	assert.ok(!trusts({ Effect: "Allow", Action: "sts:AssumeRole" }));
	assert.ok(!trusts({ Effect: "Allow", Principal: EC2 }));
	for (const Action of ["sts:AssumeRoleWithSAML", "sts:TagSession", "ec2:*", "s", [], "sts:Assume", "sts-AssumeRole", "sts:AssumeRole?"]) {
		assert.ok(!trusts({ ...ALLOW, Action }), String(Action));
	}
	assert.ok(!trusts({ ...ALLOW, Effect: "Deny" }));
	assert.ok(!trusts(ALLOW, { ...ALLOW, Effect: "Deny" }));
	assert.ok(!trusts({ ...ALLOW, Effect: "Deny", Action: "*", Principal: "*" }, ALLOW));
	assert.ok(trusts(ALLOW, { ...ALLOW, Effect: "Deny", Principal: { Service: "lambda.amazonaws.com" } }));
});

test("an ARN names partition, account, kind, path and name", () => {
	assert.equal(iamArn("aws", "123456789012", "role", "/", "my-role"), "arn:aws:iam::123456789012:role/my-role");
	assert.equal(
		iamArn("aws-cn", "123456789012", "instance-profile", "/team/a/", "web"),
		"arn:aws-cn:iam::123456789012:instance-profile/team/a/web",
	);
});
