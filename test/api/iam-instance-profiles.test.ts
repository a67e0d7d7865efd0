// Instance profiles through the real SDK, and what instances with them get (control-apis.md §2.13).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	AddRoleToInstanceProfileCommand,
	CreateInstanceProfileCommand,
	CreateRoleCommand,
	DeleteInstanceProfileCommand,
	DeleteRoleCommand,
	GetInstanceProfileCommand,
	ListInstanceProfilesCommand,
	ListInstanceProfilesForRoleCommand,
	RemoveRoleFromInstanceProfileCommand,
	UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { rejectsWith, startApi } from "./api.ts";
import { EC2_TRUST, trust } from "./iam-documents.ts";

test("a profile is told as it was made, with its role", async (t) => {
	const { iam } = await startApi(t);
	const InstanceProfileName = "profile";
	const { InstanceProfile: made } = await iam.send(
		new CreateInstanceProfileCommand({ InstanceProfileName, Path: "/team/", Tags: [{ Key: "a", Value: "b" }] }),
	);
	assert.match(made?.InstanceProfileId ?? "", /^AIPA[A-Z2-7]{17}$/);
	assert.match(made?.Arn ?? "", /^arn:aws:iam::\d{12}:instance-profile\/team\/profile$/);
	assert.deepEqual(made?.Roles, []);
	const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: EC2_TRUST }));
	await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "worker" }));
	const { InstanceProfile: found } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
	assert.deepEqual({ ...found, Roles: [] }, made);
	assert.equal(found?.Roles?.[0]?.Arn, role?.Arn);
	assert.equal(decodeURIComponent(found?.Roles?.[0]?.AssumeRolePolicyDocument ?? ""), EC2_TRUST);
	const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({ PathPrefix: "/team/" }));
	assert.deepEqual(
		InstanceProfiles?.map((profile) => profile.InstanceProfileName),
		[InstanceProfileName],
	);
	const ofRole = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "worker" }));
	assert.deepEqual(
		ofRole.InstanceProfiles?.map((profile) => profile.InstanceProfileName),
		[InstanceProfileName],
	);
	assert.equal(
		await rejectsWith(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "Profile" })), "EntityAlreadyExistsException", 409),
		"Instance Profile Profile already exists.",
	);
});

test("a profile holds one role, and neither goes before the other lets go", async (t) => {
	const { iam } = await startApi(t);
	const InstanceProfileName = "profile";
	await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
	for (const RoleName of ["one", "other"]) await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: EC2_TRUST }));
	const add = (RoleName: string) => iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
	const outcomes = await Promise.allSettled([add("one"), add("one")]);
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
	assert.match(await rejectsWith(add("other"), "LimitExceededException", 409), /InstanceSessionsPerInstanceProfile: 1/);
	assert.match(
		await rejectsWith(iam.send(new DeleteRoleCommand({ RoleName: "one" })), "DeleteConflictException", 409),
		/from instance profile/,
	);
	const removeProfile = () => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
	assert.match(await rejectsWith(removeProfile(), "DeleteConflictException", 409), /remove roles/);
	const removeRole = (RoleName: string) => iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
	await rejectsWith(removeRole("other"), "NoSuchEntityException", 404);
	await removeRole("one");
	await rejectsWith(removeRole("one"), "NoSuchEntityException", 404);
	await removeProfile();
	await iam.send(new DeleteRoleCommand({ RoleName: "one" }));
	const message = "Instance Profile profile cannot be found.";
	for (const call of [
		removeProfile,
		() => add("other"),
		() => removeRole("other"),
		() => iam.send(new GetInstanceProfileCommand({ InstanceProfileName })),
	]) {
		assert.equal(await rejectsWith(call(), "NoSuchEntityException", 404), message);
	}
});

test("a role in a profile is in the metadata of its instances at once, and gone at once", async (t) => {
	const INSTANCE = "i-0a0a0a0a0a0a0a0a0";
	const configuration = `
roles: [{roleName: declared}]
instanceProfiles: [{instanceProfileName: profile, roles: [declared]}]
instances: [{instanceId: ${INSTANCE}, endpointListen: "127.0.0.1:0", iamInstanceProfile: profile}]
`;
	const { iam, service } = await startApi(t, { configuration });
	const credentials = async (path = "") => {
		const response = await fetch(`${service.urls.get(INSTANCE)}/latest/meta-data/iam/security-credentials/${path}`);
		return response.status === 200 ? await response.text() : response.status;
	};
	const profile = { InstanceProfileName: "profile" };
	assert.equal(await credentials(), "declared");
	await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName: "declared" }));
	assert.equal(await credentials(), 404);
	await iam.send(new CreateRoleCommand({ RoleName: "made", AssumeRolePolicyDocument: EC2_TRUST }));
	await iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName: "made" }));
	assert.equal(await credentials(), "made");
	assert.match(String(await credentials("made")), /"Code" : "Success"/);
	await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "made", PolicyDocument: trust({ Service: "lambda.amazonaws.com" }) }));
	assert.match(String(await credentials("made")), /AssumeRoleUnauthorizedAccess/);
});
