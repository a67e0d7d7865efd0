import assert from "node:assert/strict";
import { test } from "node:test";
import type { Account } from "../../model/account.ts";
import type { Principal } from "./principal.ts";
import { requestContext } from "./request-context.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12, 30, 15, 999);
const ACCOUNT: Account = { accountId: "123456789012", region: "eu-central-1", instanceMetadataDefaults: {} };
const FACTS = { service: "ec2", sourceIp: "127.0.0.1", userAgent: "aws-cli/2", nowMs: NOW_MS };
const ROOT: Principal = {
	type: "Account",
	arn: "arn:aws:iam::123456789012:root",
	principalArn: "arn:aws:iam::123456789012:root",
	userId: "123456789012",
	accountId: "123456789012",
	tags: [],
};
const SESSION: Principal = {
	type: "AssumedRole",
	arn: "arn:aws:sts::123456789012:assumed-role/r/s",
	principalArn: "arn:aws:iam::123456789012:role/r",
	userId: "AROAEXAMPLE:s",
	accountId: "123456789012",
	roleName: "r",
	tags: [{ key: "team", value: "a" }],
	session: { sessionName: "s", issuedAtMs: NOW_MS - 60_000 },
};

test("the account's own key has what every request has, and nothing that is not known", () => {
	assert.deepEqual(requestContext(ROOT, ACCOUNT, FACTS), {
		"aws:PrincipalArn": "arn:aws:iam::123456789012:root",
		"aws:PrincipalAccount": "123456789012",
		"aws:PrincipalType": "Account",
		"aws:userid": "123456789012",
		"aws:RequestedRegion": "eu-central-1",
		"ec2:Region": "eu-central-1",
		"aws:SourceIp": "127.0.0.1",
		"aws:SecureTransport": "false",
		"aws:UserAgent": "aws-cli/2",
		"aws:CurrentTime": "2026-01-31T12:30:15Z",
		"aws:EpochTime": String(Date.UTC(2026, 0, 31, 12, 30, 15) / 1000),
		"aws:ViaAWSService": "false",
	});
});

test("a user has its name and its tags", () => {
	const user: Principal = { ...ROOT, type: "User", userName: "ann", tags: [{ key: "team", value: "a" }] };
	const context = requestContext(user, ACCOUNT, { ...FACTS, userAgent: undefined });
	assert.equal(context["aws:username"], "ann");
	assert.equal(context["aws:PrincipalTag/team"], "a");
	assert.ok(!("aws:UserAgent" in context));
	assert.ok(!("aws:MultiFactorAuthPresent" in context));
});

test("a session has its role's ARN, when it began, and no second factor", () => {
	const context = requestContext(SESSION, ACCOUNT, FACTS);
	assert.equal(context["aws:PrincipalArn"], "arn:aws:iam::123456789012:role/r");
	assert.equal(context["aws:userid"], "AROAEXAMPLE:s");
	assert.equal(context["aws:TokenIssueTime"], "2026-01-31T12:29:15Z");
	assert.equal(context["aws:MultiFactorAuthPresent"], "false");
	assert.deepEqual(
		Object.keys(context).filter((key) => /RoleDelivery|SourceInstance|Ec2Instance/.test(key)),
		[],
	);
});

test("credentials of an instance tell how and where they were delivered, to every service", () => {
	const instance = {
		instanceArn: "arn:aws:ec2:eu-central-1:123456789012:instance/i-1",
		delivery: "2.0",
		vpcId: "vpc-1",
		privateIp: "10.0.0.1",
	} as const;
	for (const service of ["ec2", "iam", "sts"]) {
		const context = requestContext({ ...SESSION, session: { ...SESSION.session!, instance } }, ACCOUNT, { ...FACTS, service });
		assert.deepEqual(
			["ec2:RoleDelivery", "ec2:SourceInstanceARN", "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4"].map(
				(key) => context[key],
			),
			["2.0", instance.instanceArn, "vpc-1", "10.0.0.1"],
		);
		assert.equal("ec2:Region" in context, service === "ec2");
	}
});

test("an account in an organization tells which", () => {
	const organization = { organizationId: "o-a1b2c3d4e5", serviceControlPolicies: [] };
	assert.equal(requestContext(ROOT, { ...ACCOUNT, organization }, FACTS)["aws:PrincipalOrgID"], "o-a1b2c3d4e5");
});
