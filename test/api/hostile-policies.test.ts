// Policies with mistakes, wherever IAM takes one: the answer names the statement and the key (control-apis.md §3.4).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
	CreatePolicyCommand,
	CreatePolicyVersionCommand,
	CreateRoleCommand,
	CreateUserCommand,
	GetRoleCommand,
	ListPoliciesCommand,
	ListRolePoliciesCommand,
	ListUserPoliciesCommand,
	PutRolePolicyCommand,
	PutUserPolicyCommand,
	UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { rejectsWith, startApi } from "./api.ts";

const ALLOW = { Sid: "Ok", Effect: "Allow", Action: "ec2:Describe*", Resource: "*" };
const TRUST = { Sid: "Ok", Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };

/** MalformedPolicyDocument, as the SDK calls it. */
const MALFORMED = "MalformedPolicyDocumentException";

/** A policy whose second statement has a mistake. */
function second(mistake: object, base: object = ALLOW): string {
	return policy(base, { ...base, Sid: "Bad", ...mistake });
}

function policy(...statements: readonly unknown[]): string {
	return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Of the policies of roles and users alike. */
const MISTAKES = [
	["no JSON", "{", /not JSON/],
	["nothing", " ", /not JSON/],
	["something behind its end", `${policy(ALLOW)}}`, /not JSON/],
	["a list", "[]", /no policy/],
	["null", "null", /no policy/],
	["a text", '"Allow"', /no policy/],
	["no statements", '{"Version":"2012-10-17"}', /^Statement: is missing/],
	["an empty list of statements", policy(), /^Statement: is empty/],
	["a statement that is none", policy(ALLOW, "Allow"), /^Statement\[1\]: "Allow"/],
	["another version", policy(ALLOW).replace("2012-10-17", "2012-10-18"), /^Version: "2012-10-18".*2012-10-17/],
	["an element too many", policy(ALLOW).replace("{", '{"Statements":[],'), /^Statements: /],
	["an element twice", policy(ALLOW).replace("{", '{"Version":"2008-10-17",'), /Version.*twice/],
	["a key twice in a statement", policy(ALLOW).replace('"Effect"', '"Effect":"Deny","Effect"'), /Statement\[0\].*Effect.*twice/],
	["no effect", second({ Effect: undefined }), /^Statement\[1\] \(Sid "Bad"\), Effect: is missing/],
	["an effect in small letters", second({ Effect: "allow" }), /^Statement\[1\] \(Sid "Bad"\), Effect: "allow".*Allow, Deny/],
	["no action", second({ Action: undefined }), /^Statement\[1\] \(Sid "Bad"\), Action: is missing/],
	["an empty list of actions", second({ Action: [] }), /^Statement\[1\] \(Sid "Bad"\), Action: \[\]/],
	["an action without a service", second({ Action: "RunInstances" }), /Statement\[1\] .*Action: "RunInstances"/],
	["a number as an action", second({ Action: 7 }), /Statement\[1\] .*Action: 7/],
	["an action among actions that is none", second({ Action: ["ec2:RunInstances", "ec2 :*"] }), /Statement\[1\] .*Action: "ec2 :\*"/],
	["both Action and NotAction", second({ NotAction: "iam:*" }), /Statement\[1\] .*Action: stands beside NotAction/],
	["no resource", second({ Resource: undefined }), /Statement\[1\] .*Resource: is missing/],
	["a resource that is no ARN", second({ Resource: "i-1234567890abcdef0" }), /Statement\[1\] .*Resource: "i-1234567890abcdef0".*ARN/],
	["both Resource and NotResource", second({ NotResource: "*" }), /Statement\[1\] .*Resource: stands beside/],
	["a principal", second({ Principal: "*" }), /Statement\[1\] .*Principal: is not an element/],
	["an element in small letters", second({ resource: "*" }), /Statement\[1\] .*resource: is not an element/],
	["a Sid with a space", second({ Sid: "not good" }), /Statement\[1\] .*Sid: "not good"/],
	["a Sid twice", second({ Sid: "Ok" }), /Statement\[1\] .*Sid: "Ok" stands above/],
	["an operator that is none", second({ Condition: { StringIs: { "aws:username": "a" } } }), /Statement\[1\] .*Condition.*StringIs/],
	[
		"an operator in other letters",
		second({ Condition: { "ForSomeValue:StringEquals": { "aws:TagKeys": "a" } } }),
		/Statement\[1\] .*ForSomeValue:StringEquals/,
	],
	["a condition that is a text", second({ Condition: "StringEquals" }), /Statement\[1\] .*Condition/],
	["an operator without keys", second({ Condition: { StringEquals: "a" } }), /Statement\[1\] .*Condition.*StringEquals/],
	[
		"a number that is none",
		second({ Condition: { NumericLessThan: { "ec2:RoleDelivery": "two" } } }),
		/Statement\[1\] .*ec2:RoleDelivery.*"two"/,
	],
	[
		"a date that is none",
		second({ Condition: { DateLessThan: { "aws:CurrentTime": "soon" } } }),
		/Statement\[1\] .*aws:CurrentTime.*"soon"/,
	],
	[
		"a truth that is none",
		second({ Condition: { Bool: { "aws:SecureTransport": "yes" } } }),
		/Statement\[1\] .*aws:SecureTransport.*"yes"/,
	],
	[
		"an address that is none",
		second({ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/33" } } }),
		/Statement\[1\] .*aws:SourceIp.*10\.0\.0\.0\/33/,
	],
	["an object as a value", second({ Condition: { StringEquals: { "aws:username": { a: 1 } } } }), /Statement\[1\] .*aws:username/],
	[
		"a key of every object",
		`{"Version":"2012-10-17","Statement":[{"__proto__":{"Effect":"Allow"},"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		/__proto__/,
	],
] as const;

const TRUST_MISTAKES = [
	["no JSON", "{", /not JSON/],
	["no principal", second({ Principal: undefined }, TRUST), /^Statement\[1\] \(Sid "Bad"\), Principal: is missing/],
	["a resource", second({ Resource: "*" }, TRUST), /Statement\[1\] .*Resource: is not an element/],
	[
		"an action of another service",
		second({ Action: "ec2:RunInstances" }, TRUST),
		/Statement\[1\] .*Action: "ec2:RunInstances".*sts:AssumeRole/,
	],
	["a principal that is a text", second({ Principal: "ec2.amazonaws.com" }, TRUST), /Statement\[1\] .*Principal.*"ec2\.amazonaws\.com"/],
	["a principal of no kind", second({ Principal: { Machine: "x" } }, TRUST), /Statement\[1\] .*Principal.*Machine/],
	[
		"NotPrincipal with Allow",
		second({ Principal: undefined, NotPrincipal: { AWS: "*" } }, TRUST),
		/Statement\[1\] .*NotPrincipal: is only allowed with the effect Deny/,
	],
] as const;

describe("IAM", async () => {
	const { iam } = await startApi({ after });
	await iam.send(new CreateRoleCommand({ RoleName: "holder", AssumeRolePolicyDocument: policy(TRUST) }));
	await iam.send(new CreateUserCommand({ UserName: "holder" }));
	const { Policy: { Arn: PolicyArn } = {} } = await iam.send(
		new CreatePolicyCommand({ PolicyName: "good", PolicyDocument: policy(ALLOW) }),
	);

	for (const [name, document, told] of MISTAKES) {
		test(`takes no policy with ${name}`, async () => {
			const [message] = await Promise.all([
				rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: document })), MALFORMED),
				rejectsWith(iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document })), MALFORMED),
				rejectsWith(iam.send(new PutRolePolicyCommand({ RoleName: "holder", PolicyName: "bad", PolicyDocument: document })), MALFORMED),
				rejectsWith(iam.send(new PutUserPolicyCommand({ UserName: "holder", PolicyName: "bad", PolicyDocument: document })), MALFORMED),
			]);
			assert.match(message, told);
		});
	}

	for (const [name, document, told] of TRUST_MISTAKES) {
		test(`takes no trust policy with ${name}`, async () => {
			const create = new CreateRoleCommand({ RoleName: "bad", AssumeRolePolicyDocument: document });
			assert.match(await rejectsWith(iam.send(create), MALFORMED), told);
			const update = new UpdateAssumeRolePolicyCommand({ RoleName: "holder", PolicyDocument: document });
			assert.match(await rejectsWith(iam.send(update), MALFORMED), told);
		});
	}

	test("names every mistake at once", async () => {
		const document = policy({ ...ALLOW, Effect: "Maybe" }, { ...ALLOW, Sid: "B", Action: "x" }, { ...ALLOW, Sid: "C", Resource: 1 });
		const message = await rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: document })), MALFORMED);
		assert.deepEqual(
			message.split("\n").map((line) => line.replace(/^(Statement\[\d\]) \(Sid "\w+"\), (\w+): .*$/, "$1 $2")),
			["Statement[0] Effect", "Statement[1] Action", "Statement[2] Resource"],
		);
	});

	test("takes no policy beyond AWS's sizes, nor one nested without end", async () => {
		const long = (count: number) => policy({ ...ALLOW, Action: Array.from({ length: count }, (_, index) => `ec2:Describe${index}`) });
		await rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: long(1_000) })), "LimitExceededException", 409);
		await rejectsWith(
			iam.send(new PutUserPolicyCommand({ UserName: "holder", PolicyName: "bad", PolicyDocument: long(1_000) })),
			"LimitExceededException",
			409,
		);
		await rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: long(10_000) })), "ValidationError");
		const deep = `${'{"Statement":['.repeat(5_000)}${"]}".repeat(5_000)}`;
		await rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: deep })), MALFORMED);
		const nested = policy({ ...ALLOW, Condition: 0 }).replace('"Condition":0', `"Condition":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`);
		const message = await rejectsWith(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: nested })), MALFORMED);
		assert.ok(message.length < 2_000, `${message.length} characters`);
	});

	test("keeps nothing of a policy that it refused", async () => {
		const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: "Local" }));
		assert.deepEqual(
			Policies.map(({ PolicyName, DefaultVersionId }) => ({ PolicyName, DefaultVersionId })),
			[{ PolicyName: "good", DefaultVersionId: "v1" }],
		);
		assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName: "holder" }))).PolicyNames, []);
		assert.deepEqual((await iam.send(new ListUserPoliciesCommand({ UserName: "holder" }))).PolicyNames, []);
		await rejectsWith(iam.send(new GetRoleCommand({ RoleName: "bad" })), "NoSuchEntityException", 404);
		const { Role } = await iam.send(new GetRoleCommand({ RoleName: "holder" }));
		assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""), policy(TRUST));
	});
});
