import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordKind } from "../../../../model/records.ts";
import type { Call } from "../../../operation.ts";
import { tagNeeds } from "./tag-access.ts";

const VPC = "vpc-0a0a0a0a0a0a0a0a0";

/** A call with a VPC and a key pair that have tags, as far as access looks at it. */
function callWith(): Call {
	const kinds: readonly RecordKind[] = ["instance", "image", "snapshot", "key-pair", "launch-template", "subnet", "security-group", "vpc"];
	const records = new Map(kinds.map((kind) => [kind, new Map<string, object>()]));
	records.get("vpc")?.set(VPC, { vpcId: VPC, tags: [{ key: "team", value: "blue" }] });
	records.get("key-pair")?.set("mine", { keyName: "mine", keyPairId: "key-0a0a0a0a0a0a0a0a0" });
	return { account: { accountId: "123456789012", region: "us-east-1" }, partition: "aws", records: Object.fromEntries(records) } as never;
}

test("each resource must be allowed for itself, with the tags that it has and those that are asked for", () => {
	assert.deepEqual(tagNeeds([VPC, "vol-0a0a0a0a0a0a0a0a0"], [{ key: "colour", value: "red" }], callWith()), [
		{
			resource: `arn:aws:ec2:us-east-1:123456789012:vpc/${VPC}`,
			context: {
				"aws:ResourceTag/team": "blue",
				"ec2:ResourceTag/team": "blue",
				"aws:RequestTag/colour": "red",
				"aws:TagKeys": ["colour"],
			},
		},
		{
			resource: "arn:aws:ec2:us-east-1:123456789012:volume/vol-0a0a0a0a0a0a0a0a0",
			context: { "aws:RequestTag/colour": "red", "aws:TagKeys": ["colour"] },
		},
	]);
});

test("a key pair's ARN has its name, an image's no account", () => {
	const ids = ["key-0a0a0a0a0a0a0a0a0", "ami-0a0a0a0a0a0a0a0a0", "i-0a0a0a0a0a0a0a0a0"];
	assert.deepEqual(
		tagNeeds(ids, [], callWith()).map(({ resource }) => resource),
		[
			"arn:aws:ec2:us-east-1:123456789012:key-pair/mine",
			"arn:aws:ec2:us-east-1::image/ami-0a0a0a0a0a0a0a0a0",
			"arn:aws:ec2:us-east-1:123456789012:instance/i-0a0a0a0a0a0a0a0a0",
		],
	);
});

test("an id that tells no type needs all to be allowed, and throws nothing yet", () => {
	assert.deepEqual(
		tagNeeds(["igw-1", ""], [], callWith()).map(({ resource }) => resource),
		["*", "*"],
	);
});
