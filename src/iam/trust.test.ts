import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "./policy.ts";
import type { Principal } from "./principal.ts";
import { type Trust, trustOf, trustsEc2 } from "./trust.ts";

const EC2_SERVICE = { service: "ec2.amazonaws.com" };

const ACCOUNT = "123456789012";
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/team/R`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/R/i-1`;

const USER: Principal = { accountId: ACCOUNT, arns: [ALICE], ids: ["AIDAEXAMPLEEXAMPLEAAA"] };
const INSTANCE: Principal = { accountId: ACCOUNT, arns: [SESSION, ROLE], ids: ["AROAEXAMPLEEXAMPLEAAA"] };

function allow(principal: unknown, rest: object = {}): object {
	return { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...rest };
}

function trustIn(statements: readonly object[], principal: Principal, context: Record<string, string[]> = {}): Trust {
	const policy = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "trust");
	return trustOf(policy, principal, new Map(Object.entries(context)));
}

const ROWS: readonly (readonly [principal: unknown, ec2: Trust, user: Trust, session: Trust])[] = [
	["*", "principal", "principal", "principal"],
	[{ AWS: "*" }, "principal", "principal", "principal"],
	[{ Service: "ec2.amazonaws.com" }, "principal", "none", "none"],
	[{ Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] }, "principal", "none", "none"],
	[{ Service: "ec2.amazonaws.com.cn" }, "principal", "none", "none"],
	[{ Service: "*" }, "principal", "none", "none"],
	[{ Service: "lambda.amazonaws.com" }, "none", "none", "none"],
	[{ AWS: ACCOUNT }, "none", "account", "account"],
	[{ AWS: `arn:aws:iam::${ACCOUNT}:root` }, "none", "account", "account"],
	[{ AWS: "210987654321" }, "none", "none", "none"],
	[{ AWS: "arn:aws:iam::210987654321:root" }, "none", "none", "none"],
	[{ AWS: ALICE }, "none", "principal", "none"],
	[{ AWS: ALICE.toUpperCase().replace("ARN:AWS:IAM", "arn:aws:iam") }, "none", "none", "none"],
	[{ AWS: "AIDAEXAMPLEEXAMPLEAAA" }, "none", "principal", "none"],
	[{ AWS: ROLE }, "none", "none", "principal"],
	[{ AWS: SESSION }, "none", "none", "principal"],
	[{ AWS: "AROAEXAMPLEEXAMPLEAAA" }, "none", "none", "principal"],
	[{ AWS: [ACCOUNT, ALICE] }, "none", "principal", "account"],
	[{ AWS: ACCOUNT, Service: "ec2.amazonaws.com" }, "principal", "account", "account"],
	[{ Federated: "accounts.google.com" }, "none", "none", "none"],
];

test("a role trusts whom its policy names, or whose account it names", () => {
	for (const [principal, ec2, user, session] of ROWS) {
		const statements = [allow(principal)];
		const found: Trust[] = [EC2_SERVICE, USER, INSTANCE].map((each) => trustIn(statements, each));
		assert.deepEqual(found, [ec2, user, session], JSON.stringify(principal));
	}
});

test("somebody who is named needs nothing more, wherever the account is named as well", () => {
	assert.equal(trustIn([allow({ AWS: ACCOUNT }), allow({ AWS: ALICE })], USER), "principal");
	assert.equal(trustIn([allow({ AWS: ALICE }), allow({ AWS: ACCOUNT })], USER), "principal");
});

test("a deny outweighs an allow, by name or for the whole account", () => {
	const everybody = allow("*");
	assert.equal(trustIn([everybody, { ...allow({ AWS: ALICE }), Effect: "Deny" }], USER), "denied");
	assert.equal(trustIn([{ ...allow({ AWS: ACCOUNT }), Effect: "Deny" }, everybody], USER), "denied");
	assert.equal(trustIn([{ ...allow({ AWS: ACCOUNT }), Effect: "Deny" }, everybody], EC2_SERVICE), "principal");
	assert.equal(trustIn([{ ...allow({ Service: "ec2.amazonaws.com" }), Effect: "Deny" }, everybody], EC2_SERVICE), "denied");
});

test("NotPrincipal leaves out only whom it lists with role and account", () => {
	const denyAllBut = (...listed: string[]) => [allow("*"), { Effect: "Deny", NotPrincipal: { AWS: listed }, Action: "sts:AssumeRole" }];
	assert.equal(trustIn(denyAllBut(ACCOUNT, ALICE), USER), "principal");
	assert.equal(trustIn(denyAllBut(ALICE), USER), "denied");
	assert.equal(trustIn(denyAllBut(ACCOUNT), USER), "denied");
	assert.equal(trustIn(denyAllBut(ACCOUNT, ROLE), INSTANCE), "denied");
	assert.equal(trustIn(denyAllBut(ACCOUNT, ROLE, SESSION), INSTANCE), "principal");
	assert.equal(trustIn(denyAllBut(ACCOUNT), EC2_SERVICE), "denied");
});

test("only statements about sts:AssumeRole count, in any case and with wildcards", () => {
	for (const [action, trust] of [
		["STS:assumerole", "principal"],
		["sts:*", "principal"],
		["sts:Assume????", "principal"],
		["sts:AssumeRoleWithSAML", "none"],
		[["sts:TagSession", "sts:AssumeRole"], "principal"],
	] as const) {
		assert.equal(trustIn([allow("*", { Action: action })], EC2_SERVICE), trust, String(action));
	}
	assert.equal(trustIn([allow("*", { Action: undefined, NotAction: "sts:TagSession" })], EC2_SERVICE), "principal");
	assert.equal(trustIn([allow("*", { Action: undefined, NotAction: "sts:Assume*" })], EC2_SERVICE), "none");
});

test("conditions are evaluated", () => {
	const statements = [allow({ AWS: ACCOUNT }, { Condition: { StringEquals: { "sts:ExternalId": "secret" } } })];
	assert.equal(trustIn(statements, USER, { "STS:externalid": ["secret"] }), "account");
	assert.equal(trustIn(statements, USER, { "sts:ExternalId": ["guess"] }), "none");
	assert.equal(trustIn(statements, USER), "none");
});

const ACCOUNT_ID = "123456789012";
const INSTANCE_ARN = `arn:aws:ec2:us-east-1:${ACCOUNT_ID}:instance/i-1234567890abcdef0`;
const ALLOW_EC2 = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } } as const;

function ec2May(...Statement: readonly { readonly Effect: "Allow" | "Deny"; readonly [other: string]: unknown }[]): boolean {
	const role = { roleName: "r", roleId: "AROA1", path: "/", assumeRolePolicyDocument: { Version: "2012-10-17", Statement } };
	return trustsEc2(role, ACCOUNT_ID, INSTANCE_ARN);
}

test("a role without a trust policy trusts EC2", () => {
	assert.ok(trustsEc2({ roleName: "r", roleId: "AROA1", path: "/" }, ACCOUNT_ID, INSTANCE_ARN));
});

test("EC2 may take a role where a statement lets it, in any of the ways to write that", () => {
	assert.ok(ec2May(ALLOW_EC2));
	assert.ok(ec2May({ ...ALLOW_EC2, Principal: { Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] } }));
	assert.ok(ec2May({ ...ALLOW_EC2, Principal: { Service: "ec2.amazonaws.com.cn" } }));
	assert.ok(ec2May({ ...ALLOW_EC2, Principal: "*" }));
	for (const Action of ["STS:assumerole", "sts:*", ["sts:TagSession", "sts:AssumeRole"], "sts:Assume*", "sts:AssumeRol?"]) {
		assert.ok(ec2May({ ...ALLOW_EC2, Action }), String(Action));
	}
	assert.ok(ec2May({ ...ALLOW_EC2, Principal: { Service: "lambda.amazonaws.com" } }, ALLOW_EC2));
	assert.ok(ec2May({ ...ALLOW_EC2, Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT_ID } } }));
	assert.ok(ec2May({ ...ALLOW_EC2, Condition: { ArnLike: { "aws:SourceArn": "arn:aws:ec2:*:*:instance/i-*" } } }));
});

test("EC2 may not take a role where nothing lets it, something denies it, or a condition is not met", () => {
	assert.ok(!ec2May({ ...ALLOW_EC2, Principal: { Service: "lambda.amazonaws.com" } }));
	assert.ok(!ec2May({ ...ALLOW_EC2, Principal: { Service: "ec2.amazonaws.com.evil" } }));
	assert.ok(!ec2May({ ...ALLOW_EC2, Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` } }));
	assert.ok(!ec2May({ ...ALLOW_EC2, Action: "sts:AssumeRoleWithSAML" }));
	assert.ok(!ec2May(ALLOW_EC2, { ...ALLOW_EC2, Effect: "Deny" }));
	assert.ok(ec2May(ALLOW_EC2, { ...ALLOW_EC2, Effect: "Deny", Principal: { Service: "lambda.amazonaws.com" } }));
	assert.ok(!ec2May({ ...ALLOW_EC2, Condition: { StringEquals: { "aws:SourceAccount": "210987654321" } } }));
	assert.ok(!ec2May({ ...ALLOW_EC2, Condition: { StringEquals: { "sts:ExternalId": "secret" } } }));
});

test("a trust policy that can't be read lets nobody", () => {
	assert.ok(!ec2May({ ...ALLOW_EC2, Action: "*" }));
	assert.ok(!ec2May({ Effect: "Allow", Principal: "*" }));
});
