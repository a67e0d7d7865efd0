import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "./policy.ts";
import type { Principal } from "./principal.ts";
import { EC2_SERVICE, type Trust, trustOf } from "./trust.ts";

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
