// The policies that AWS documents for its metadata service, and what each must do (control-apis.md §3.3; cases C37 and C49).

import assert from "node:assert/strict";
import { test } from "node:test";
import { denialReason } from "./denial.ts";
import { evaluate, type PolicySet } from "./evaluate.ts";
import { parsePolicy } from "./policy.ts";

const P1 = {
	Sid: "RequireImdsV2",
	Effect: "Deny",
	Action: "ec2:RunInstances",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { StringNotEquals: { "ec2:MetadataHttpTokens": "required" } },
};
const P2 = {
	Sid: "DenyIMDSv1HttpTokensModification",
	Effect: "Deny",
	Action: "ec2:ModifyInstanceMetadataOptions",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { StringNotEquals: { "ec2:Attribute/HttpTokens": "required" }, Null: { "ec2:Attribute/HttpTokens": false } },
};
const P2_WITHOUT_NULL = { ...P2, Condition: { StringNotEquals: P2.Condition.StringNotEquals } };
const P2_OF_2023 = {
	...P2,
	Condition: { StringEquals: { "ec2:Attribute": "HttpTokens" }, StringNotEquals: { "ec2:Attribute/HttpTokens": "required" } },
};
const P3 = {
	Sid: "MaxImdsHopLimit",
	Effect: "Deny",
	Action: "ec2:RunInstances",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { NumericGreaterThan: { "ec2:MetadataHttpPutResponseHopLimit": "3" } },
};
const P4 = {
	Sid: "AllowOnlyImdsAdminsToModifySettings",
	Effect: "Deny",
	Action: "ec2:ModifyInstanceMetadataOptions",
	Resource: "*",
	Condition: { StringNotLike: { "aws:PrincipalARN": "arn:aws:iam::*:role/ec2-imds-admins" } },
};
const P5 = {
	Sid: "RequireAllEc2RolesToUseV2",
	Effect: "Deny",
	Action: "*",
	Resource: "*",
	Condition: { NumericLessThan: { "ec2:RoleDelivery": "2.0" } },
};
const ALLOW_ALL = { Effect: "Allow", Action: "*", Resource: "*" };
const ALLOW_EC2 = { Effect: "Allow", Action: "ec2:*", Resource: "*" };

const ACCOUNT = "123456789012";
const ADMINS = `arn:aws:iam::${ACCOUNT}:role/ec2-imds-admins`;
const OTHERS = `arn:aws:iam::${ACCOUNT}:role/builders`;

type Context = Readonly<Record<string, string | readonly string[]>>;

/** "ok", or the reason of the refusal. */
function answer(statements: readonly object[], action: string, context: Context, others: Partial<PolicySet> = {}): string {
	const identity = [parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity")];
	const resource = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${action === "ec2:RunInstances" ? "*" : "i-1"}`;
	const values = new Map(Object.entries(context).map(([key, value]) => [key, [value].flat()]));
	const decision = evaluate({ action, resource, context: values }, { serviceControl: [], identity, ...others });
	return decision.allowed ? "ok" : denialReason(decision, action);
}

const EXPLICIT = "with an explicit deny in an identity-based policy";

/** What the launch would get: RunInstances always has these keys, with resolved values. */
function launch(httpTokens: string, hopLimit = "1"): Context {
	return {
		"ec2:MetadataHttpTokens": httpTokens,
		"ec2:MetadataHttpPutResponseHopLimit": hopLimit,
		"ec2:MetadataHttpEndpoint": "enabled",
		"ec2:InstanceMetadataTags": "disabled",
		"aws:PrincipalArn": OTHERS,
	};
}

/** A change of an instance that does not require tokens now. */
function change(attributes: Readonly<Record<string, string>>, principalArn = OTHERS): Context {
	const requested = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ec2:Attribute/${name}`, value]));
	return { ...launch("optional"), "aws:PrincipalArn": principalArn, "ec2:Attribute": Object.keys(attributes), ...requested };
}

const RUN = "ec2:RunInstances";
const MODIFY = "ec2:ModifyInstanceMetadataOptions";

const ROWS: readonly (readonly [row: string, policy: object, action: string, context: Context, answer: string])[] = [
	["1: P1, nothing set, no ImdsSupport", P1, RUN, launch("optional"), EXPLICIT],
	["2: P1, optional", P1, RUN, launch("optional", "2"), EXPLICIT],
	["3: P1, required", P1, RUN, launch("required"), "ok"],
	["4: P1, nothing set, but required by image or account", P1, RUN, launch("required", "2"), "ok"],
	["5: P2, to optional", P2, MODIFY, change({ HttpTokens: "optional" }), EXPLICIT],
	["6: P2, hop limit only", P2, MODIFY, change({ HttpPutResponseHopLimit: "3" }), "ok"],
	["6: P2, endpoint only", P2, MODIFY, change({ HttpEndpoint: "disabled" }), "ok"],
	["7: P2, to required", P2, MODIFY, change({ HttpTokens: "required" }), "ok"],
	["8: P2 without Null, hop limit only", P2_WITHOUT_NULL, MODIFY, change({ HttpPutResponseHopLimit: "3" }), EXPLICIT],
	["P2′, to optional", P2_OF_2023, MODIFY, change({ HttpTokens: "optional" }), EXPLICIT],
	["P2′, to optional, among others", P2_OF_2023, MODIFY, change({ HttpEndpoint: "enabled", HttpTokens: "optional" }), EXPLICIT],
	["P2′, hop limit only", P2_OF_2023, MODIFY, change({ HttpPutResponseHopLimit: "3" }), "ok"],
	["P2′, to required", P2_OF_2023, MODIFY, change({ HttpTokens: "required" }), "ok"],
	["9: P3, hop limit 4", P3, RUN, launch("optional", "4"), EXPLICIT],
	["9: P3, hop limit 10", P3, RUN, launch("optional", "10"), EXPLICIT],
	["9: P3, hop limit 3", P3, RUN, launch("optional", "3"), "ok"],
	["9: P3, hop limit not set", P3, RUN, launch("optional"), "ok"],
	["10: P4, an admin", P4, MODIFY, change({ HttpTokens: "required" }, ADMINS), "ok"],
	["10: P4, somebody else", P4, MODIFY, change({ HttpTokens: "required" }), EXPLICIT],
	["11: P5, credentials fetched without token", P5, "ec2:DescribeInstances", { "ec2:RoleDelivery": "1.0" }, EXPLICIT],
	["11: P5, with token", P5, "ec2:DescribeInstances", { "ec2:RoleDelivery": "2.0" }, "ok"],
	["11: P5, with token, written otherwise", P5, "ec2:DescribeInstances", { "ec2:RoleDelivery": "2" }, "ok"],
	["11: P5, a user's keys", P5, "ec2:DescribeInstances", {}, "ok"],
	["12: P1, optional, dry run", P1, RUN, launch("optional"), EXPLICIT],
];

for (const [row, policy, action, context, expected] of ROWS) {
	test(`row ${row}: ${expected}`, () => assert.equal(answer([ALLOW_EC2, policy], action, context), expected));
}

test("row 13: without any allow, the reason is that no policy allows it", () => {
	assert.equal(answer([P1], RUN, launch("required")), "because no identity-based policy allows the ec2:RunInstances action");
	assert.equal(answer([P5], "sts:AssumeRole", {}), "because no identity-based policy allows the sts:AssumeRole action");
});

test("P5 denies every action of every service to credentials that were fetched without a token", () => {
	for (const action of ["s3:GetObject", "sts:AssumeRole", "iam:PassRole"]) {
		assert.equal(answer([ALLOW_ALL, P5], action, { "ec2:RoleDelivery": "1.0" }), EXPLICIT, action);
		assert.equal(answer([ALLOW_ALL, P5], action, { "ec2:RoleDelivery": "2.0" }), "ok", action);
	}
});

test("P1 concerns no other resource of the launch", () => {
	const identity = [parsePolicy({ Version: "2012-10-17", Statement: [ALLOW_EC2, P1] }, "identity")];
	const request = { action: RUN, resource: "arn:aws:ec2:us-east-1::image/ami-1", context: new Map() };
	assert.deepEqual(evaluate(request, { serviceControl: [], identity }), { allowed: true });
});

test("the metadata condition in a policy on modifications sees the current value, not the new one", () => {
	const misplaced = { ...P1, Action: MODIFY };
	const hardened = { ...change({ HttpTokens: "optional" }), "ec2:MetadataHttpTokens": "required" };
	assert.equal(answer([ALLOW_EC2, misplaced], MODIFY, hardened), "ok");
});

test("P1 to P5 in one service control policy bind every identity of the account", () => {
	const statement = (Sid: string, policy: object) => ({ ...policy, Sid });
	const combined = [P1, P2, P3, P4, P5].map((policy, index) => statement(`P${index + 1}`, policy));
	const level = [
		parsePolicy({ Version: "2012-10-17", Statement: combined }, "service-control"),
		parsePolicy({ Version: "2012-10-17", Statement: ALLOW_ALL }, "service-control"),
	];
	const bound = (action: string, context: Context) => answer([ALLOW_ALL], action, context, { serviceControl: [level] });
	const explicit = "with an explicit deny in a service control policy";
	assert.equal(bound(RUN, launch("optional")), explicit);
	assert.equal(bound(RUN, launch("required", "4")), explicit);
	assert.equal(bound(RUN, launch("required", "3")), "ok");
	assert.equal(bound(MODIFY, change({ HttpTokens: "optional" }, ADMINS)), explicit);
	assert.equal(bound(MODIFY, change({ HttpTokens: "required" }, OTHERS)), explicit);
	assert.equal(bound(MODIFY, change({ HttpTokens: "required" }, ADMINS)), "ok");
	assert.equal(bound("s3:GetObject", { "ec2:RoleDelivery": "1.0" }), explicit);
	assert.equal(bound("s3:GetObject", {}), "ok");
	const alone = answer([ALLOW_ALL], "s3:GetObject", {}, { serviceControl: [level.slice(0, 1)] });
	assert.equal(alone, "because no service control policy allows the s3:GetObject action");
});
