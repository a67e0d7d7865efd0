// Users and their access keys through the real SDK (control-apis.md §2.13).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AttachUserPolicyCommand,
	CreateAccessKeyCommand,
	CreateUserCommand,
	DeleteAccessKeyCommand,
	DeleteUserCommand,
	DeleteUserPolicyCommand,
	DetachUserPolicyCommand,
	GetUserCommand,
	GetUserPolicyCommand,
	ListAccessKeysCommand,
	ListAttachedUserPoliciesCommand,
	ListUserPoliciesCommand,
	ListUsersCommand,
	PutUserPolicyCommand,
	TagUserCommand,
	UntagUserCommand,
	UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, newKey, newUser, policy } from "./iam-documents.ts";

test("a user is told as it was made, and with the tags it has since", async (t) => {
	const { iam } = await startApi(t);
	const { User: made } = await iam.send(
		new CreateUserCommand({ UserName: "ann", Path: "/team/", PermissionsBoundary: ADMINISTRATOR, Tags: [{ Key: "a", Value: "b" }] }),
	);
	const get = async () => (await iam.send(new GetUserCommand({ UserName: "ann" }))).User;
	assert.deepEqual(await get(), made);
	assert.match(made?.UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
	assert.match(made?.Arn ?? "", /^arn:aws:iam::\d{12}:user\/team\/ann$/);
	assert.equal(made?.PermissionsBoundary?.PermissionsBoundaryArn, ADMINISTRATOR);
	await iam.send(new TagUserCommand({ UserName: "ann", Tags: [{ Key: "c", Value: "d" }] }));
	await iam.send(new UntagUserCommand({ UserName: "ann", TagKeys: ["a"] }));
	assert.deepEqual((await get())?.Tags, [{ Key: "c", Value: "d" }]);
	const { Users } = await iam.send(new ListUsersCommand({ PathPrefix: "/team/" }));
	assert.deepEqual(
		Users?.map(({ UserName, Tags }) => ({ UserName, Tags })),
		[{ UserName: "ann", Tags: undefined }],
	);
	assert.equal(
		await rejectsWith(iam.send(new CreateUserCommand({ UserName: "ANN" })), "EntityAlreadyExistsException", 409),
		"User with name ANN already exists.",
	);
	const unbounded = { UserName: "bob", PermissionsBoundary: "arn:aws:iam::aws:policy/None" };
	await rejectsWith(iam.send(new CreateUserCommand(unbounded)), "NoSuchEntityException", 404);
	assert.equal(
		await rejectsWith(iam.send(new GetUserCommand({ UserName: "bob" })), "NoSuchEntityException", 404),
		"The user with name bob cannot be found.",
	);
});

test("a key signs from the moment it is made, not while it is off, and never again once deleted", async (t) => {
	const api = await startApi(t);
	await api.iam.send(new CreateUserCommand({ UserName: "ann" }));
	const key = await newKey(api.iam, "ann");
	assert.match(key.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
	assert.match(key.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
	const { sts } = api.as(key);
	const named = { UserName: "ann", AccessKeyId: key.accessKeyId };
	const { Arn } = await sts.send(new GetCallerIdentityCommand());
	assert.match(Arn ?? "", /:user\/ann$/);
	await api.iam.send(new UpdateAccessKeyCommand({ ...named, Status: "Inactive" }));
	await rejectsWith(sts.send(new GetCallerIdentityCommand()), "InvalidClientTokenId", 403);
	await api.iam.send(new UpdateAccessKeyCommand({ ...named, Status: "Active" }));
	await sts.send(new GetCallerIdentityCommand());
	await api.iam.send(new DeleteAccessKeyCommand(named));
	await rejectsWith(sts.send(new GetCallerIdentityCommand()), "InvalidClientTokenId", 403);
	const message = `The Access Key with id ${key.accessKeyId} cannot be found.`;
	assert.equal(await rejectsWith(api.iam.send(new DeleteAccessKeyCommand(named)), "NoSuchEntityException", 404), message);
	assert.equal(
		await rejectsWith(api.iam.send(new UpdateAccessKeyCommand({ ...named, Status: "Active" })), "NoSuchEntityException", 404),
		message,
	);
});

test("a user has two keys at most, and its lists never tell their secrets", async (t) => {
	const { iam } = await startApi(t);
	await iam.send(new CreateUserCommand({ UserName: "ann" }));
	const outcomes = await Promise.allSettled([1, 2, 3].map(() => newKey(iam, "ann")));
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 2);
	assert.match(await rejectsWith(newKey(iam, "ann"), "LimitExceededException", 409), /AccessKeysPerUser: 2/);
	const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: "ann" }));
	for (const metadata of AccessKeyMetadata) {
		assert.deepEqual(Object.keys(metadata).sort(), ["AccessKeyId", "CreateDate", "Status", "UserName"]);
		assert.equal(metadata.Status, "Active");
	}
	assert.equal(AccessKeyMetadata.length, 2);
	assert.match(
		await rejectsWith(
			iam.send(new UpdateAccessKeyCommand({ UserName: "ann", AccessKeyId: AccessKeyMetadata[0]?.AccessKeyId, Status: "Expired" })),
			"ValidationError",
		),
		/'Expired' at 'status'/,
	);
	await rejectsWith(newKey(iam, "bob"), "NoSuchEntityException", 404);
});

test("a user who leaves the name out means itself", async (t) => {
	const api = await startApi(t);
	const { iam, arn } = await newUser(api, "ann", { managed: ADMINISTRATOR });
	assert.equal((await iam.send(new GetUserCommand())).User?.Arn, arn);
	assert.equal((await iam.send(new ListAccessKeysCommand())).AccessKeyMetadata?.length, 1);
	const { AccessKey: second } = await iam.send(new CreateAccessKeyCommand());
	assert.equal(second?.UserName, "ann");
	await iam.send(new UpdateAccessKeyCommand({ AccessKeyId: second?.AccessKeyId, Status: "Inactive" }));
	await iam.send(new DeleteAccessKeyCommand({ AccessKeyId: second?.AccessKeyId }));
	assert.equal((await iam.send(new ListAccessKeysCommand())).AccessKeyMetadata?.length, 1);
});

test("the account itself is a user without a name, and has no keys to make", async (t) => {
	const { iam } = await startApi(t);
	const { User: root } = await iam.send(new GetUserCommand());
	assert.match(root?.Arn ?? "", /^arn:aws:iam::(\d{12}):root$/);
	assert.equal(root?.UserName, undefined);
	for (const call of [() => iam.send(new CreateAccessKeyCommand()), () => iam.send(new ListAccessKeysCommand())]) {
		assert.match(await rejectsWith(call(), "ValidationError"), /Must specify userName/);
	}
});

test("a user's policies are its own and those attached, and it is deleted without them and without keys", async (t) => {
	const { iam } = await startApi(t);
	await iam.send(new CreateUserCommand({ UserName: "ann" }));
	const own = { UserName: "ann", PolicyName: "own" };
	const document = policy("Allow", "ec2:*");
	await iam.send(new PutUserPolicyCommand({ ...own, PolicyDocument: document }));
	assert.equal(decodeURIComponent((await iam.send(new GetUserPolicyCommand(own))).PolicyDocument ?? ""), document);
	assert.deepEqual((await iam.send(new ListUserPoliciesCommand({ UserName: "ann" }))).PolicyNames, ["own"]);
	const large = policy("Allow", `ec2:${"a".repeat(2_000)}`);
	assert.match(
		await rejectsWith(
			iam.send(new PutUserPolicyCommand({ ...own, PolicyName: "large", PolicyDocument: large })),
			"LimitExceededException",
			409,
		),
		/2048 bytes exceeded for user ann/,
	);
	await iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: ADMINISTRATOR }));
	const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: "ann" }));
	assert.deepEqual(AttachedPolicies, [{ PolicyName: "AdministratorAccess", PolicyArn: ADMINISTRATOR }]);
	const { accessKeyId } = await newKey(iam, "ann");

	const remove = () => iam.send(new DeleteUserCommand({ UserName: "ann" }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /access keys first/);
	await iam.send(new DeleteAccessKeyCommand({ UserName: "ann", AccessKeyId: accessKeyId }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /detach all policies first/);
	await iam.send(new DetachUserPolicyCommand({ UserName: "ann", PolicyArn: ADMINISTRATOR }));
	assert.match(await rejectsWith(remove(), "DeleteConflictException", 409), /delete policies first/);
	await iam.send(new DeleteUserPolicyCommand(own));
	await remove();
	await rejectsWith(remove(), "NoSuchEntityException", 404);
});
