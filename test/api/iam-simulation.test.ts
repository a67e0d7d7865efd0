// SimulatePrincipalPolicy through the real SDK (control-apis.md §2.13, §3.3).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AttachRolePolicyCommand,
	AttachUserPolicyCommand,
	CreatePolicyCommand,
	CreateRoleCommand,
	CreateUserCommand,
	PutUserPermissionsBoundaryCommand,
	PutUserPolicyCommand,
	SimulatePrincipalPolicyCommand,
	type SimulatePrincipalPolicyCommandInput,
} from "@aws-sdk/client-iam";
import { type Api, rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, EC2_TRUST, newUser, policy } from "./iam-documents.ts";

const ANN = "arn:aws:iam::123456789012:user/ann";
const INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/*";

/** P1 of the guide. */
const REQUIRE_IMDS_V2 = policy("Deny", "ec2:RunInstances", {
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { StringNotEquals: { "ec2:MetadataHttpTokens": "required" } },
});

test("each action on each resource is answered as it would be decided", async (t) => {
	const api = await withAnn(t, policy("Allow", "ec2:*"));
	const found = await decisions(api, {
		ActionNames: ["ec2:RunInstances", "iam:GetUser"],
		ResourceArns: [INSTANCE, "*"],
		PolicyInputList: [REQUIRE_IMDS_V2],
	});
	assert.deepEqual(found, [
		["ec2:RunInstances", INSTANCE, "explicitDeny", ["PolicyInputList.1"]],
		["ec2:RunInstances", "*", "allowed", ["user_ann_own"]],
		["iam:GetUser", INSTANCE, "implicitDeny", []],
		["iam:GetUser", "*", "implicitDeny", []],
	]);
});

test("condition keys have the values that are given, and those that were not are told", async (t) => {
	const api = await withAnn(t, policy("Allow", "ec2:*", { Resource: "arn:aws:ec2:*:${aws:PrincipalAccount}:*" }));
	const input = { ActionNames: ["ec2:RunInstances"], ResourceArns: [INSTANCE], PolicyInputList: [REQUIRE_IMDS_V2] };
	const account = { ContextKeyName: "AWS:PrincipalAccount", ContextKeyValues: ["123456789012"], ContextKeyType: "string" as const };
	const tokens = { ContextKeyName: "ec2:MetadataHttpTokens", ContextKeyValues: ["required"], ContextKeyType: "string" as const };
	const cases: readonly (readonly [entries: (typeof tokens)[], decision: string, missing: readonly string[]])[] = [
		[[], "explicitDeny", ["aws:PrincipalAccount", "ec2:MetadataHttpTokens"]],
		[[tokens], "implicitDeny", ["aws:PrincipalAccount"]],
		[[tokens, account], "allowed", []],
	];
	for (const [ContextEntries, decision, missing] of cases) {
		const [result] = await simulate(api, { ...input, ContextEntries });
		assert.equal(result?.EvalDecision, decision);
		assert.deepEqual(result?.MissingContextValues, missing);
	}
});

test("managed policies are told by whose they are", async (t) => {
	const api = await withAnn(t);
	const { Policy: own } = await api.iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: policy("Allow", "ec2:*") }));
	await api.iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: own?.Arn }));
	await api.iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: ADMINISTRATOR }));
	const [result] = await simulate(api, { ActionNames: ["ec2:RunInstances"] });
	assert.deepEqual(result?.MatchedStatements, [
		{ SourcePolicyId: "p", SourcePolicyType: "user-managed" },
		{ SourcePolicyId: "AdministratorAccess", SourcePolicyType: "aws-managed" },
	]);
});

test("the boundary that is there counts, and one that is given instead of it", async (t) => {
	const api = await withAnn(t, policy("Allow", "*"));
	const PermissionsBoundary = "arn:aws:iam::aws:policy/AmazonEC2FullAccess";
	await api.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "ann", PermissionsBoundary }));
	const ActionNames = ["ec2:RunInstances", "iam:GetUser"];
	const outcome = async (PermissionsBoundaryPolicyInputList: string[]) => {
		const results = await simulate(api, { ActionNames, PermissionsBoundaryPolicyInputList });
		return results.map(({ EvalDecision, PermissionsBoundaryDecisionDetail: detail }) => [
			EvalDecision,
			detail?.AllowedByPermissionsBoundary,
		]);
	};
	assert.deepEqual(await outcome([]), [
		["allowed", true],
		["implicitDeny", false],
	]);
	assert.deepEqual(await outcome([policy("Allow", "iam:*")]), [
		["implicitDeny", false],
		["allowed", true],
	]);
	assert.deepEqual(await outcome([policy("Deny", "*")]), [
		["explicitDeny", false],
		["explicitDeny", false],
	]);
});

test("roles are simulated as users are", async (t) => {
	const api = await startApi(t);
	const { Role: role } = await api.iam.send(
		new CreateRoleCommand({ RoleName: "worker", Path: "/team/", AssumeRolePolicyDocument: EC2_TRUST }),
	);
	await api.iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: ADMINISTRATOR }));
	const [result] = await simulate(api, { PolicySourceArn: role?.Arn, ActionNames: ["ec2:RunInstances"] });
	assert.equal(result?.EvalDecision, "allowed");
	assert.equal(result?.EvalResourceName, "*");
});

test("answers come in pages, in the order of the questions", async (t) => {
	const api = await withAnn(t);
	const ActionNames = Array.from({ length: 12 }, (_, index) => `ec2:Action${index}`);
	const seen: (string | undefined)[] = [];
	let Marker: string | undefined;
	do {
		const input = { PolicySourceArn: ANN, ActionNames, MaxItems: 5, Marker };
		const page = await api.iam.send(new SimulatePrincipalPolicyCommand(input));
		seen.push(...(page.EvaluationResults ?? []).map(({ EvalActionName }) => EvalActionName));
		({ Marker } = page);
	} while (Marker !== undefined);
	assert.deepEqual(seen, ActionNames);
});

test("what can't be simulated is refused, not left out", async (t) => {
	const api = await withAnn(t);
	const cases: readonly (readonly [change: Partial<SimulatePrincipalPolicyCommandInput>, code: string, status: number, message: RegExp])[] =
		[
			[{ PolicySourceArn: "ann" }, "InvalidInputException", 400, /ann is neither/],
			[{ PolicySourceArn: "arn:aws:iam::123456789012:user/bob" }, "NoSuchEntityException", 404, /bob/],
			[{ PolicySourceArn: "arn:aws:iam::123456789012:user/team/ann" }, "InvalidInputException", 400, /team\/ann does not exist/],
			[{ ActionNames: ["ec2:*"] }, "InvalidInputException", 400, /'ec2:\*'/],
			[{ ResourcePolicy: policy("Allow", "*") }, "InvalidInputException", 400, /ResourcePolicy/],
			[{ PolicyExclusionList: [{ PolicyArn: ADMINISTRATOR }] }, "InvalidInputException", 400, /PolicyExclusionList/],
			[{ PolicyInputList: ["{}"] }, "MalformedPolicyDocumentException", 400, /Statement: is missing/],
			[{ PermissionsBoundaryPolicyInputList: [REQUIRE_IMDS_V2, REQUIRE_IMDS_V2] }, "InvalidInputException", 400, /has 2 policies/],
		];
	for (const [change, code, status, message] of cases) {
		assert.match(await rejectsWith(simulate(api, { ActionNames: ["ec2:RunInstances"], ...change }), code, status), message);
	}
	const bob = await newUser(api, "bob");
	assert.match(await rejectsWith(simulate({ ...api, ...bob }, { ActionNames: ["ec2:RunInstances"] }), "AccessDenied", 403), /user\/ann /);
});

async function withAnn(t: Parameters<typeof startApi>[0], document?: string): Promise<Api> {
	const api = await startApi(t);
	await api.iam.send(new CreateUserCommand({ UserName: "ann" }));
	if (document !== undefined)
		await api.iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "own", PolicyDocument: document }));
	return api;
}

async function simulate({ iam }: Api, input: Partial<SimulatePrincipalPolicyCommandInput>) {
	const { EvaluationResults = [] } = await iam.send(
		new SimulatePrincipalPolicyCommand({ PolicySourceArn: ANN, ActionNames: [], ...input }),
	);
	return EvaluationResults;
}

async function decisions(api: Api, input: Partial<SimulatePrincipalPolicyCommandInput>) {
	const results = await simulate(api, input);
	return results.map(({ EvalActionName, EvalResourceName, EvalDecision, MatchedStatements = [] }) => [
		EvalActionName,
		EvalResourceName,
		EvalDecision,
		MatchedStatements.map(({ SourcePolicyId }) => SourcePolicyId),
	]);
}
