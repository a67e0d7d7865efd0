// Roles through the real SDK (control-apis.md §2.13).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AttachRolePolicyCommand,
	CreatePolicyCommand,
	CreateRoleCommand,
	DeleteRoleCommand,
	DeleteRolePermissionsBoundaryCommand,
	DeleteRolePolicyCommand,
	DetachRolePolicyCommand,
	GetRoleCommand,
	GetRolePolicyCommand,
	type IAMClient,
	ListAttachedRolePoliciesCommand,
	ListInstanceProfilesForRoleCommand,
	ListRolePoliciesCommand,
	ListRolesCommand,
	ListRoleTagsCommand,
	PutRolePermissionsBoundaryCommand,
	PutRolePolicyCommand,
	RemoveRoleFromInstanceProfileCommand,
	type Role,
	TagRoleCommand,
	UntagRoleCommand,
	UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, EC2_TRUST, policy, trust } from "./iam-documents.ts";

test("a role is told as it was made", async (t) => {
	const { iam } = await startApi(t);
	const { Role: made } = await iam.send(
		new CreateRoleCommand({
			RoleName: "worker",
			Path: "/team/a/",
			AssumeRolePolicyDocument: EC2_TRUST,
			Description: "works",
			MaxSessionDuration: 7200,
			PermissionsBoundary: ADMINISTRATOR,
			Tags: [{ Key: "Team", Value: "a" }],
		}),
	);
	const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: "worker" }));
	assert.deepEqual({ ...role, RoleLastUsed: undefined }, { ...made, RoleLastUsed: undefined });
	assert.match(role?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
	assert.match(role?.Arn ?? "", /^arn:aws:iam::\d{12}:role\/team\/a\/worker$/);
	assert.ok(role?.CreateDate instanceof Date);
	assert.equal(decoded(role), EC2_TRUST);
	assert.equal(role?.Description, "works");
	assert.equal(role?.MaxSessionDuration, 7200);
	assert.deepEqual(role?.PermissionsBoundary, {
		PermissionsBoundaryType: "PermissionsBoundaryPolicy",
		PermissionsBoundaryArn: ADMINISTRATOR,
	});
	assert.deepEqual(role?.Tags, [{ Key: "Team", Value: "a" }]);
	assert.deepEqual(role?.RoleLastUsed, {});
});

test("a role that is made anew under an old name is another", async (t) => {
	const { iam } = await startApi(t);
	const first = await newRole(iam, "worker");
	await iam.send(new DeleteRoleCommand({ RoleName: "worker" }));
	assert.notEqual((await newRole(iam, "worker")).RoleId, first.RoleId);
});

test("a name is given once, whatever its case", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "Worker");
	for (const name of ["Worker", "worker"]) {
		assert.equal(await rejectsWith(newRole(iam, name), "EntityAlreadyExistsException", 409), `Role with name ${name} already exists.`);
	}
	const outcomes = await Promise.allSettled(["other", "Other", "OTHER"].map((name) => newRole(iam, name)));
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("what a role must not be is refused with what is allowed", async (t) => {
	const { iam } = await startApi(t);
	const role = { RoleName: "worker", AssumeRolePolicyDocument: EC2_TRUST };
	const cases: readonly (readonly [input: object, code: string, status: number, message: RegExp])[] = [
		[{ RoleName: "a b" }, "ValidationError", 400, /roleName is invalid: 'a b'.*\+=,\.@_-/],
		[{ RoleName: ".." }, "ValidationError", 400, /roleName is invalid: '\.\.'/],
		[{ RoleName: "" }, "ValidationError", 400, /Value '' at 'roleName'.*greater than or equal to 1/],
		[{ RoleName: "a".repeat(65) }, "ValidationError", 400, /'roleName'.*less than or equal to 64/],
		[{ Path: "team/" }, "ValidationError", 400, /path is invalid: 'team\/'/],
		[{ Path: `/${"a".repeat(512)}/` }, "ValidationError", 400, /'path'.*less than or equal to 512/],
		[{ Description: "a".repeat(1001) }, "ValidationError", 400, /'description'.*1000/],
		[{ MaxSessionDuration: 3599 }, "ValidationError", 400, /'3599' at 'maxSessionDuration'.*3600/],
		[{ MaxSessionDuration: 43_201 }, "ValidationError", 400, /'43201' at 'maxSessionDuration'.*43200/],
		[{ PermissionsBoundary: "nonsense" }, "InvalidInputException", 400, /ARN nonsense is not valid/],
		[{ PermissionsBoundary: "arn:aws:iam::aws:policy/None" }, "NoSuchEntityException", 404, /policy\/None does not exist/],
		[{ AssumeRolePolicyDocument: policy("Allow", "sts:AssumeRole") }, "MalformedPolicyDocumentException", 400, /Statement\[0\].*Resource/],
		[{ AssumeRolePolicyDocument: "{" }, "MalformedPolicyDocumentException", 400, /not JSON/],
		[
			{ AssumeRolePolicyDocument: trust({ Service: Array.from({ length: 300 }, (_, index) => `service-number-${index}.amazonaws.com`) }) },
			"LimitExceededException",
			409,
			/ACLSizePerRole: 8192/,
		],
		[{ Tags: [{ Key: "aws:x", Value: "" }] }, "InvalidInputException", 400, /'aws:x'/],
		[
			{
				Tags: [
					{ Key: "a", Value: "" },
					{ Key: "A", Value: "" },
				],
			},
			"InvalidInputException",
			400,
			/case insensitive/,
		],
		[{ Tags: [{ Key: "a*", Value: "" }] }, "ValidationError", 400, /'a\*' at 'tags\.1\.member\.key'/],
		[{ Tags: [{ Key: "a", Value: "*" }] }, "ValidationError", 400, /'\*' at 'tags\.1\.member\.value'/],
		[{ Tags: manyTags(51) }, "LimitExceededException", 409, /51 tags are more than 50/],
	];
	for (const [change, code, status, message] of cases) {
		assert.match(await rejectsWith(iam.send(new CreateRoleCommand({ ...role, ...change })), code, status), message);
	}
	const { Roles = [] } = await iam.send(new ListRolesCommand());
	assert.ok(!Roles.some(({ RoleName }) => RoleName === "worker"), "nothing was made");
});

test("a role that is not there is named", async (t) => {
	const { iam } = await startApi(t);
	const RoleName = "nobody";
	const calls = [
		() => iam.send(new GetRoleCommand({ RoleName })),
		() => iam.send(new DeleteRoleCommand({ RoleName })),
		() => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: EC2_TRUST })),
		() => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: policy("Allow", "*") })),
		() => iam.send(new ListRolePoliciesCommand({ RoleName })),
		() => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
		() => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
		() => iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: ADMINISTRATOR })),
		() => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
		() => iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "a", Value: "b" }] })),
		() => iam.send(new ListRoleTagsCommand({ RoleName })),
	];
	for (const call of calls) {
		assert.equal(await rejectsWith(call(), "NoSuchEntityException", 404), "The role with name nobody cannot be found.");
	}
});

test("roles are listed by path and in pages, without what lists leave out", async (t) => {
	const { iam } = await startApi(t);
	for (const name of ["c", "a", "b"]) await newRole(iam, name, { Path: "/team/", Tags: [{ Key: "a", Value: "b" }] });
	await newRole(iam, "elsewhere");
	const names: (string | undefined)[] = [];
	let Marker: string | undefined;
	for (const expected of [2, 1]) {
		const page = await iam.send(new ListRolesCommand({ PathPrefix: "/te", MaxItems: 2, ...(Marker !== undefined && { Marker }) }));
		assert.equal(page.Roles?.length, expected);
		assert.equal(page.IsTruncated, expected === 2);
		assert.equal(page.Marker !== undefined, page.IsTruncated);
		assert.deepEqual(
			page.Roles?.flatMap(({ Tags = [] }) => Tags),
			[],
		);
		names.push(...page.Roles.map(({ RoleName }) => RoleName));
		({ Marker } = page);
	}
	assert.deepEqual(names, ["a", "b", "c"]);
	await rejectsWith(iam.send(new ListRolesCommand({ MaxItems: 0 })), "ValidationError");
	await rejectsWith(iam.send(new ListRolesCommand({ MaxItems: 1001 })), "ValidationError");
	assert.match(await rejectsWith(iam.send(new ListRolesCommand({ Marker: "bogus" })), "ValidationError"), /bogus/);
	await rejectsWith(iam.send(new ListRolesCommand({ PathPrefix: "te" })), "ValidationError");
});

test("a policy of a role's own comes back as it was given, percent-encoded", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker");
	const document = policy("Allow", "ec2:*").replaceAll(",", ",\n ");
	const named = { RoleName: "worker", PolicyName: "own" };
	await iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: policy("Deny", "*") }));
	await iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: document }));
	const { PolicyDocument = "", RoleName, PolicyName } = await iam.send(new GetRolePolicyCommand(named));
	assert.deepEqual({ RoleName, PolicyName }, named);
	assert.match(PolicyDocument, /^%7B%22Version%22/);
	assert.equal(decodeURIComponent(PolicyDocument), document);
	assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName: "worker" }))).PolicyNames, ["own"]);
	await iam.send(new DeleteRolePolicyCommand(named));
	assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName: "worker" }))).PolicyNames, []);
	const message = "The role policy with name own cannot be found.";
	assert.equal(await rejectsWith(iam.send(new GetRolePolicyCommand(named)), "NoSuchEntityException", 404), message);
	assert.equal(await rejectsWith(iam.send(new DeleteRolePolicyCommand(named)), "NoSuchEntityException", 404), message);
});

test("a role's own policies have 10 240 characters together, not counting white space", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker");
	const put = (PolicyName: string, PolicyDocument: string) =>
		iam.send(new PutRolePolicyCommand({ RoleName: "worker", PolicyName, PolicyDocument }));
	const half = policy("Allow", `ec2:${"a".repeat(5_000)}`);
	await put("first", half.replaceAll(":", `:${" ".repeat(2_000)}`).replaceAll(/ec2: +/g, "ec2:"));
	await put("second", half);
	assert.match(await rejectsWith(put("third", half), "LimitExceededException", 409), /10240 bytes exceeded for role worker/);
	await put("second", half);
});

test("managed policies are attached and detached, ten at most", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker");
	const attach = (PolicyArn: string) => iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
	const detach = (PolicyArn: string) => iam.send(new DetachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
	const arns: string[] = [];
	for (let index = 0; index < 10; index += 1) {
		const { Policy } = await iam.send(
			new CreatePolicyCommand({ PolicyName: `p${index}`, Path: index < 5 ? "/five/" : "/", PolicyDocument: policy("Allow", "ec2:*") }),
		);
		arns.push(Policy?.Arn ?? "");
		await attach(arns[index]!);
	}
	await attach(arns[0]!);
	assert.match(await rejectsWith(attach(ADMINISTRATOR), "LimitExceededException", 409), /PoliciesPerRole: 10/);
	const listed = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "worker", PathPrefix: "/five/" }));
	assert.deepEqual(
		listed.AttachedPolicies,
		arns.slice(0, 5).map((PolicyArn, index) => ({ PolicyName: `p${index}`, PolicyArn })),
	);
	await detach(arns[0]!);
	assert.match(await rejectsWith(detach(arns[0]!), "NoSuchEntityException", 404), /p0 was not found/);
	await attach(ADMINISTRATOR);
	assert.equal(
		await rejectsWith(attach("arn:aws:iam::aws:policy/None"), "NoSuchEntityException", 404),
		"Policy arn:aws:iam::aws:policy/None does not exist or is not attachable.",
	);
	await rejectsWith(attach("AdministratorAccess"), "InvalidInputException");
});

test("a boundary is put and taken away, and both again do no harm", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker");
	const boundary = async () =>
		(await iam.send(new GetRoleCommand({ RoleName: "worker" }))).Role?.PermissionsBoundary?.PermissionsBoundaryArn;
	for (const PermissionsBoundary of [ADMINISTRATOR, "arn:aws:iam::aws:policy/IAMFullAccess"]) {
		await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "worker", PermissionsBoundary }));
		assert.equal(await boundary(), PermissionsBoundary);
	}
	for (let times = 0; times < 2; times += 1) {
		await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "worker" }));
		assert.equal(await boundary(), undefined);
	}
	await rejectsWith(
		iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "worker", PermissionsBoundary: "arn:aws:iam::aws:policy/None" })),
		"NoSuchEntityException",
		404,
	);
});

test("tags of a role are told apart whatever their case, and are fifty at most", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker", { Tags: [{ Key: "Team", Value: "a" }] });
	const tag = (Tags: { Key: string; Value: string }[]) => iam.send(new TagRoleCommand({ RoleName: "worker", Tags }));
	const tags = async () => (await iam.send(new ListRoleTagsCommand({ RoleName: "worker" }))).Tags;
	await tag([
		{ Key: "team", Value: "b" },
		{ Key: "x", Value: "" },
	]);
	assert.deepEqual(await tags(), [
		{ Key: "team", Value: "b" },
		{ Key: "x", Value: "" },
	]);
	await iam.send(new UntagRoleCommand({ RoleName: "worker", TagKeys: ["TEAM", "absent"] }));
	assert.deepEqual(await tags(), [{ Key: "x", Value: "" }]);
	await tag(manyTags(49));
	assert.match(await rejectsWith(tag([{ Key: "y", Value: "" }]), "LimitExceededException", 409), /51/);
	await tag([{ Key: "x", Value: "new" }]);
});

test("a role is not deleted while it has policies", async (t) => {
	const { iam } = await startApi(t);
	await newRole(iam, "worker");
	const remove = () => iam.send(new DeleteRoleCommand({ RoleName: "worker" }));
	const own = { RoleName: "worker", PolicyName: "own" };
	await iam.send(new PutRolePolicyCommand({ ...own, PolicyDocument: policy("Allow", "*") }));
	await iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: ADMINISTRATOR }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /detach all policies first/);
	await iam.send(new DetachRolePolicyCommand({ RoleName: "worker", PolicyArn: ADMINISTRATOR }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /delete policies first/);
	await iam.send(new DeleteRolePolicyCommand(own));
	await remove();
	await rejectsWith(remove(), "NoSuchEntityException", 404);
});

test("a role of the configuration file is changed, but not deleted", async (t) => {
	const { iam } = await startApi(t, { configuration: "roles: [{roleName: kept}]\n" });
	await iam.send(new PutRolePolicyCommand({ RoleName: "kept", PolicyName: "own", PolicyDocument: policy("Allow", "*") }));
	await iam.send(new DeleteRolePolicyCommand({ RoleName: "kept", PolicyName: "own" }));
	await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "kept", PolicyDocument: trust("*") }));
	const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: "kept" }));
	assert.equal(decoded(role), trust("*"));
	assert.ok(role?.CreateDate instanceof Date);
	const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "kept" }));
	for (const { InstanceProfileName } of InstanceProfiles) {
		await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: "kept" }));
	}
	assert.match(
		await rejectsWith(iam.send(new DeleteRoleCommand({ RoleName: "kept" })), "OperationNotPermitted"),
		/role kept .*configuration file/,
	);
});

test("a role that says nothing of who may assume it is told to trust EC2", async (t) => {
	const { iam } = await startApi(t, { configuration: "roles: [{roleName: kept}]\n" });
	const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: "kept" }));
	assert.deepEqual(JSON.parse(decoded(role)), JSON.parse(EC2_TRUST));
});

async function newRole(iam: IAMClient, RoleName: string, rest: object = {}): Promise<Role> {
	const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: EC2_TRUST, ...rest }));
	assert.ok(role !== undefined);
	return role;
}

function decoded(role: Role | undefined): string {
	return decodeURIComponent(role?.AssumeRolePolicyDocument ?? "");
}

function manyTags(count: number): { Key: string; Value: string }[] {
	return Array.from({ length: count }, (_, index) => ({ Key: `key-${index}`, Value: "" }));
}
