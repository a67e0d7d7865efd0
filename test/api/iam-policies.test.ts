// Managed policies through the real SDK (control-apis.md §2.13).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AttachRolePolicyCommand,
	CreatePolicyCommand,
	CreatePolicyVersionCommand,
	CreateRoleCommand,
	CreateUserCommand,
	DeletePolicyCommand,
	DeletePolicyVersionCommand,
	DetachRolePolicyCommand,
	GetPolicyCommand,
	GetPolicyVersionCommand,
	type IAMClient,
	ListPoliciesCommand,
	type ListPoliciesCommandInput,
	ListPolicyVersionsCommand,
	PutUserPermissionsBoundaryCommand,
	DeleteUserPermissionsBoundaryCommand,
	SetDefaultPolicyVersionCommand,
} from "@aws-sdk/client-iam";
import { rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, EC2_TRUST, policy } from "./iam-documents.ts";

const DOCUMENT = policy("Allow", "ec2:*");

test("a policy is told as it was made, and its document as it was given", async (t) => {
	const { iam } = await startApi(t);
	const document = DOCUMENT.replaceAll(",", " ,\n");
	const { Policy: made } = await iam.send(
		new CreatePolicyCommand({
			PolicyName: "p",
			Path: "/team/",
			PolicyDocument: document,
			Description: "a policy",
			Tags: [{ Key: "a", Value: "b" }],
		}),
	);
	const { Policy: found } = await iam.send(new GetPolicyCommand({ PolicyArn: made?.Arn }));
	assert.deepEqual(found, made);
	assert.match(found?.Arn ?? "", /^arn:aws:iam::\d{12}:policy\/team\/p$/);
	assert.match(found?.PolicyId ?? "", /^ANPA[A-Z2-7]{17}$/);
	const { PolicyName, Path, DefaultVersionId, AttachmentCount, PermissionsBoundaryUsageCount, IsAttachable, Description, Tags } = found!;
	assert.deepEqual(
		{ PolicyName, Path, DefaultVersionId, AttachmentCount, PermissionsBoundaryUsageCount, IsAttachable, Description, Tags },
		{
			PolicyName: "p",
			Path: "/team/",
			DefaultVersionId: "v1",
			AttachmentCount: 0,
			PermissionsBoundaryUsageCount: 0,
			IsAttachable: true,
			Description: "a policy",
			Tags: [{ Key: "a", Value: "b" }],
		},
	);
	const { PolicyVersion: version } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: made?.Arn, VersionId: "v1" }));
	assert.equal(decodeURIComponent(version?.Document ?? ""), document);
	assert.equal(version?.IsDefaultVersion, true);
});

test("what a policy must not be is refused with what is allowed", async (t) => {
	const { iam } = await startApi(t);
	await newPolicy(iam, "Taken");
	const cases: readonly (readonly [input: object, code: string, status: number, message: RegExp])[] = [
		[{ PolicyName: "taken" }, "EntityAlreadyExistsException", 409, /A policy called taken already exists/],
		[{ PolicyName: "a/b" }, "ValidationError", 400, /policyName is invalid: 'a\/b'/],
		[{ PolicyName: "a".repeat(129) }, "ValidationError", 400, /128/],
		[{ PolicyDocument: EC2_TRUST }, "MalformedPolicyDocumentException", 400, /Principal/],
		[{ PolicyDocument: policy("Allow", "ec2") }, "MalformedPolicyDocumentException", 400, /Action: "ec2"/],
		[
			{ PolicyDocument: policy("Allow", "*").replace(/}$/, ',"Version":"2012-10-17"}') },
			"MalformedPolicyDocumentException",
			400,
			/Version: stands twice/,
		],
		[{ PolicyDocument: policy("Allow", `ec2:${"a".repeat(6_144)}`) }, "LimitExceededException", 409, /PolicySize: 6144/],
		[{ PolicyDocument: " ".repeat(131_073) }, "ValidationError", 400, /131072/],
	];
	for (const [change, code, status, message] of cases) {
		const call = iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: DOCUMENT, ...change }));
		assert.match(await rejectsWith(call, code, status), message);
	}
});

test("a policy has five versions at most, of which the default one stays", async (t) => {
	const { iam } = await startApi(t);
	const PolicyArn = await newPolicy(iam, "p");
	const create = (SetAsDefault: boolean) => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: DOCUMENT, SetAsDefault }));
	const remove = (VersionId: string) => iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
	const versions = async () => {
		const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
		return Versions.map(({ VersionId, IsDefaultVersion }) => `${VersionId}${IsDefaultVersion ? "*" : ""}`).join(" ");
	};
	assert.equal((await create(true)).PolicyVersion?.VersionId, "v2");
	for (let times = 0; times < 3; times += 1) await create(false);
	assert.equal(await versions(), "v5 v4 v3 v2* v1");
	assert.match(await rejectsWith(create(false), "LimitExceededException", 409), /up to 5 versions/);
	assert.match(await rejectsWith(remove("v2"), "DeleteConflictException", 409), /default version/);
	await remove("v5");
	assert.match(await rejectsWith(remove("v5"), "NoSuchEntityException", 404), /version v5 does not exist/);
	assert.equal((await create(false)).PolicyVersion?.VersionId, "v6", "no number is given twice");
	await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
	await remove("v2");
	assert.equal(await versions(), "v6 v4 v3 v1*");
	assert.equal((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId, "v1");
	await rejectsWith(iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v2" })), "NoSuchEntityException", 404);
	await rejectsWith(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" })), "NoSuchEntityException", 404);
	assert.match(
		await rejectsWith(iam.send(new DeletePolicyCommand({ PolicyArn })), "DeleteConflictException", 409),
		/more than one version/,
	);
});

test("a policy is not deleted while it is attached, or bounds somebody", async (t) => {
	const { iam } = await startApi(t);
	const PolicyArn = await newPolicy(iam, "p");
	const remove = () => iam.send(new DeletePolicyCommand({ PolicyArn }));
	await iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: EC2_TRUST }));
	await iam.send(new CreateUserCommand({ UserName: "ann" }));
	await iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /attached to entities/);
	await iam.send(new DetachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
	await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "ann", PermissionsBoundary: PolicyArn }));
	await rejectsWith(remove(), "DeleteConflictException", 409);
	await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: "ann" }));
	await remove();
	assert.equal(await rejectsWith(remove(), "NoSuchEntityException", 404), `Policy ${PolicyArn} was not found.`);
	await rejectsWith(iam.send(new GetPolicyCommand({ PolicyArn: "p" })), "InvalidInputException");
});

test("AWS's policies are there for everybody, and nobody changes them", async (t) => {
	const { iam } = await startApi(t);
	const { Policy: found } = await iam.send(new GetPolicyCommand({ PolicyArn: ADMINISTRATOR }));
	assert.equal(found?.PolicyName, "AdministratorAccess");
	const { PolicyVersion: version } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: ADMINISTRATOR, VersionId: "v1" }));
	assert.match(decodeURIComponent(version?.Document ?? ""), /"Effect":"Allow"/);
	const changes = [
		() => iam.send(new DeletePolicyCommand({ PolicyArn: ADMINISTRATOR })),
		() => iam.send(new CreatePolicyVersionCommand({ PolicyArn: ADMINISTRATOR, PolicyDocument: DOCUMENT })),
		() => iam.send(new DeletePolicyVersionCommand({ PolicyArn: ADMINISTRATOR, VersionId: "v1" })),
		() => iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: ADMINISTRATOR, VersionId: "v1" })),
	];
	for (const change of changes) assert.match(await rejectsWith(change(), "AccessDenied", 403), /policy\/AdministratorAccess/);
});

test("policies are listed by whose they are, their path, and their use", async (t) => {
	const { iam } = await startApi(t);
	const attached = await newPolicy(iam, "attached", "/team/");
	const boundary = await newPolicy(iam, "boundary", "/team/");
	await newPolicy(iam, "unused");
	await newPolicy(iam, "AdministratorAccess");
	await iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: EC2_TRUST, PermissionsBoundary: boundary }));
	await iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: attached }));
	const names = async (input: ListPoliciesCommandInput) => {
		const { Policies = [] } = await iam.send(new ListPoliciesCommand(input));
		return Policies.map(({ PolicyName }) => PolicyName);
	};
	assert.deepEqual(await names({ Scope: "Local" }), ["AdministratorAccess", "attached", "boundary", "unused"]);
	assert.deepEqual(await names({ Scope: "Local", PathPrefix: "/team/" }), ["attached", "boundary"]);
	assert.deepEqual(await names({ OnlyAttached: true }), ["attached"]);
	assert.deepEqual(await names({ PolicyUsageFilter: "PermissionsPolicy" }), ["attached"]);
	assert.deepEqual(await names({ PolicyUsageFilter: "PermissionsBoundary" }), ["boundary"]);
	const aws = await names({ Scope: "AWS" });
	assert.ok(aws.includes("IAMFullAccess") && !aws.includes("unused"));
	const all = await names({});
	assert.equal(all.length, aws.length + 4);
	const first = await iam.send(new ListPoliciesCommand({ MaxItems: 1 }));
	const second = await iam.send(new ListPoliciesCommand({ MaxItems: 1, Marker: first.Marker }));
	assert.deepEqual(
		[first, second].map(({ Policies }) => Policies?.[0]?.PolicyName),
		["AdministratorAccess", "AdministratorAccess"],
	);
	assert.notEqual(first.Policies?.[0]?.Arn, second.Policies?.[0]?.Arn);
});

async function newPolicy(iam: IAMClient, PolicyName: string, Path = "/"): Promise<string> {
	const { Policy: made } = await iam.send(new CreatePolicyCommand({ PolicyName, Path, PolicyDocument: DOCUMENT }));
	return made?.Arn ?? "";
}
