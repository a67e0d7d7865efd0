// What policies decide of IAM's own operations: ARNs, condition keys, refusals (control-apis.md §3).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AddRoleToInstanceProfileCommand,
	AttachUserPolicyCommand,
	CreateAccessKeyCommand,
	CreateInstanceProfileCommand,
	CreatePolicyCommand,
	CreateRoleCommand,
	CreateUserCommand,
	DeleteRoleCommand,
	GetPolicyCommand,
	GetRoleCommand,
	GetUserCommand,
	ListPoliciesCommand,
	ListRolesCommand,
	PutRolePermissionsBoundaryCommand,
	PutUserPolicyCommand,
	TagRoleCommand,
	TagUserCommand,
	UntagRoleCommand,
} from "@aws-sdk/client-iam";
import { type Api, type Clients, rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, EC2_TRUST, newUser, policies, policy } from "./iam-documents.ts";

const ACCOUNT_ID = "123456789012";
const EC2_FULL = "arn:aws:iam::aws:policy/AmazonEC2FullAccess";

test("a refusal names who, what, on which ARN and why, and comes before it is told what is there", async (t) => {
	const api = await startApi(t);
	await makeRole(api, "worker", { Path: "/team/" });
	const ann = await newUser(api, "ann");
	const sentence = (action: string, resource: string) =>
		`User: ${ann.arn} is not authorized to perform: iam:${action} on resource: ${resource} because no identity-based policy allows the iam:${action} action`;
	const cases: readonly (readonly [call: () => Promise<unknown>, action: string, resource: string])[] = [
		[() => ann.iam.send(new GetRoleCommand({ RoleName: "worker" })), "GetRole", arn("role/team/worker")],
		[() => ann.iam.send(new GetRoleCommand({ RoleName: "nobody" })), "GetRole", arn("role/nobody")],
		[() => ann.iam.send(new ListRolesCommand()), "ListRoles", arn("role/")],
		[() => ann.iam.send(new ListRolesCommand({ PathPrefix: "/team/" })), "ListRoles", arn("role/team/")],
		[() => ann.iam.send(new ListPoliciesCommand()), "ListPolicies", "policy path /"],
		[() => ann.iam.send(new GetPolicyCommand({ PolicyArn: ADMINISTRATOR })), "GetPolicy", ADMINISTRATOR],
		[() => ann.iam.send(new GetUserCommand()), "GetUser", arn("user/ann")],
		[() => ann.iam.send(new CreateAccessKeyCommand({ UserName: "bob" })), "CreateAccessKey", arn("user/bob")],
		[() => ann.iam.send(new CreateUserCommand({ UserName: "a b", Path: "/x/" })), "CreateUser", arn("user/x/a b")],
	];
	for (const [call, action, resource] of cases) {
		assert.equal(await rejectsWith(call(), "AccessDenied", 403), sentence(action, resource));
	}
});

test("paths and tags of what is there decide", async (t) => {
	const api = await startApi(t);
	await makeRole(api, "worker", { Path: "/team/" });
	await makeRole(api, "tagged", { Tags: [{ Key: "owner", Value: "ann" }] });
	await makeRole(api, "other");
	const document = policies(
		policy("Allow", "iam:GetRole", { Resource: arn("role/team/*") }),
		policy("Allow", "iam:GetRole", { Resource: "*", Condition: { StringEquals: { "iam:ResourceTag/owner": "${aws:username}" } } }),
	);
	const { iam } = await newUser(api, "ann", { document });
	await iam.send(new GetRoleCommand({ RoleName: "worker" }));
	await iam.send(new GetRoleCommand({ RoleName: "tagged" }));
	await rejectsWith(iam.send(new GetRoleCommand({ RoleName: "other" })), "AccessDenied", 403);
});

test("the tags of a user decide when it means itself, too", async (t) => {
	const api = await startApi(t);
	const trusted = { Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/trusted": "yes" } } };
	const { iam } = await newUser(api, "ann", { document: policy("Allow", "iam:GetUser", trusted) });
	await rejectsWith(iam.send(new GetUserCommand()), "AccessDenied", 403);
	await api.iam.send(new TagUserCommand({ UserName: "ann", Tags: [{ Key: "trusted", Value: "yes" }] }));
	await iam.send(new GetUserCommand());
});

test("only such roles may be made as have the boundary that a policy asks for", async (t) => {
	const api = await startApi(t);
	const bounded = { Resource: "*", Condition: { StringEquals: { "iam:PermissionsBoundary": EC2_FULL } } };
	const { iam } = await newUser(api, "ann", { document: policy("Allow", ["iam:CreateRole", "iam:PutRolePermissionsBoundary"], bounded) });
	const role = { RoleName: "worker", AssumeRolePolicyDocument: EC2_TRUST };
	await rejectsWith(iam.send(new CreateRoleCommand(role)), "AccessDenied", 403);
	await rejectsWith(iam.send(new CreateRoleCommand({ ...role, PermissionsBoundary: ADMINISTRATOR })), "AccessDenied", 403);
	await iam.send(new CreateRoleCommand({ ...role, PermissionsBoundary: EC2_FULL }));
	const put = (PermissionsBoundary: string) => iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "worker", PermissionsBoundary }));
	await put(EC2_FULL);
	await rejectsWith(put(ADMINISTRATOR), "AccessDenied", 403);
});

test("who makes something with tags must be allowed to tag it, with those tags", async (t) => {
	const api = await startApi(t);
	const document = policies(
		policy("Allow", ["iam:Create*"]),
		policy("Allow", "iam:TagRole", { Resource: "*", Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } } }),
		policy("Deny", "iam:TagRole", { Resource: "*", Condition: { StringEquals: { "aws:RequestTag/team": "b" } } }),
		policy("Allow", "iam:UntagRole", { Resource: "*", Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["x"] } } }),
	);
	const ann = await newUser(api, "ann", { document });
	const make = (RoleName: string, Key: string, Value: string) => makeRole(ann, RoleName, { Tags: [{ Key, Value }] });
	await makeRole(ann, "plain");
	await make("right", "team", "a");
	assert.match(await rejectsWith(make("wrong", "team", "b"), "AccessDenied", 403), /perform: iam:TagRole on .*explicit deny/);
	assert.match(await rejectsWith(make("wrong", "x", "a"), "AccessDenied", 403), /perform: iam:TagRole on .*because no/);
	await rejectsWith(ann.iam.send(new TagRoleCommand({ RoleName: "plain", Tags: [{ Key: "x", Value: "a" }] })), "AccessDenied", 403);
	await rejectsWith(ann.iam.send(new UntagRoleCommand({ RoleName: "right", TagKeys: ["team"] })), "AccessDenied", 403);
	await ann.iam.send(new UntagRoleCommand({ RoleName: "right", TagKeys: ["x"] }));
	const Tags = [{ Key: "team", Value: "a" }];
	for (const [call, action] of [
		[() => ann.iam.send(new CreateUserCommand({ UserName: "bob", Tags })), "iam:TagUser"],
		[() => ann.iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: policy("Allow", "*"), Tags })), "iam:TagPolicy"],
		[() => ann.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "p", Tags })), "iam:TagInstanceProfile"],
	] as const) {
		assert.match(await rejectsWith(call(), "AccessDenied", 403), new RegExp(`perform: ${action} on`));
	}
});

test("a policy may say which policies are attached", async (t) => {
	const api = await startApi(t);
	const condition = { Resource: "*", Condition: { ArnEquals: { "iam:PolicyARN": EC2_FULL } } };
	const { iam } = await newUser(api, "ann", { document: policy("Allow", "iam:AttachUserPolicy", condition) });
	await iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: EC2_FULL }));
	await rejectsWith(iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: ADMINISTRATOR })), "AccessDenied", 403);
});

test("who puts a role into a profile must be allowed to pass it to EC2", async (t) => {
	const api = await startApi(t);
	await makeRole(api, "worker");
	await makeRole(api, "admin");
	await api.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "profile" }));
	const passed = { Resource: arn("role/worker"), Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } } };
	const document = policies(policy("Allow", "iam:AddRoleToInstanceProfile"), policy("Allow", "iam:PassRole", passed));
	const { iam } = await newUser(api, "ann", { document });
	const add = (RoleName: string) => iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "profile", RoleName }));
	assert.match(await rejectsWith(add("admin"), "AccessDenied", 403), /perform: iam:PassRole on resource: arn:aws:iam::\d{12}:role\/admin /);
	await add("worker");
});

test("what is taken from a user counts at its next request", async (t) => {
	const api = await startApi(t);
	const { iam } = await newUser(api, "ann", { document: policy("Allow", "iam:GetUser") });
	await iam.send(new GetUserCommand());
	await api.iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "own", PolicyDocument: policy("Deny", "*") }));
	assert.match(
		await rejectsWith(iam.send(new GetUserCommand()), "AccessDenied", 403),
		/with an explicit deny in an identity-based policy$/,
	);
});

test("whoever may not delete a role is not told that it is not there", async (t) => {
	const api = await startApi(t);
	const { iam } = await newUser(api, "ann", { document: policy("Allow", "iam:DeleteRole", { Resource: arn("role/mine") }) });
	await rejectsWith(iam.send(new DeleteRoleCommand({ RoleName: "mine" })), "NoSuchEntityException", 404);
	await rejectsWith(iam.send(new DeleteRoleCommand({ RoleName: "yours" })), "AccessDenied", 403);
});

function arn(place: string): string {
	return `arn:aws:iam::${ACCOUNT_ID}:${place}`;
}

function makeRole({ iam }: Api | Clients, RoleName: string, rest: object = {}) {
	return iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: EC2_TRUST, ...rest }));
}
