// Instance profiles of instances: associations, what the metadata say of them, and what their credentials are worth (control-apis.md §2.9, §3.5).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
	AssociateIamInstanceProfileCommand,
	DescribeIamInstanceProfileAssociationsCommand,
	DescribeInstancesCommand,
	DisassociateIamInstanceProfileCommand,
	ReplaceIamInstanceProfileAssociationCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
	AddRoleToInstanceProfileCommand,
	CreateInstanceProfileCommand,
	CreateRoleCommand,
	DeleteRoleCommand,
	DeleteRolePolicyCommand,
	PutRolePolicyCommand,
	RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Api, type Clients, rejectsWith, startApi } from "./api.ts";
import { EC2_TRUST, policy } from "./iam-documents.ts";
import { describeOne, endpointOf, type LaunchedInstance, launchOne, metadata, untilState } from "./instances.ts";

/** The instance that is there anyway has no profile. */
const AT_ONCE = {
	configuration: 'instances: [{ instanceId: i-0a0a0a0a0a0a0a0a0, endpointListen: "127.0.0.1:0" }]\n',
	flags: ["--transition-delay-ms", "0"],
};
const DESCRIBE = policy("Allow", "ec2:Describe*");

/** A role that may look around, and a profile of the same name that holds it. Tells the profile's ARN. */
async function newProfile({ iam }: Clients, name: string): Promise<string> {
	await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: EC2_TRUST }));
	await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "look", PolicyDocument: DESCRIBE }));
	const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
	await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
	return InstanceProfile?.Arn ?? "";
}

async function launchRunning({ ec2 }: Clients, profile?: string): Promise<LaunchedInstance> {
	const { InstanceId } = await launchOne(ec2, {
		MetadataOptions: { HttpTokens: "optional" },
		...(profile !== undefined && { IamInstanceProfile: { Name: profile } }),
	});
	return untilState(ec2, InstanceId, "running");
}

/** Clients with the credentials that an instance's metadata hand out now. */
async function holder(api: Api, instance: LaunchedInstance, role: string): Promise<Clients> {
	const { status, text } = await metadata(endpointOf(instance), `meta-data/iam/security-credentials/${role}`);
	assert.equal(status, 200, text);
	const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(text) as { AccessKeyId: string; SecretAccessKey: string; Token: string };
	return api.as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token });
}

async function assertWorks({ ec2, sts }: Clients, arn: RegExp): Promise<void> {
	await ec2.send(new DescribeInstancesCommand({}));
	assert.match((await sts.send(new GetCallerIdentityCommand({}))).Arn ?? "", arn);
}

async function assertDead({ ec2, sts, iam }: Clients): Promise<void> {
	await rejectsWith(ec2.send(new DescribeInstancesCommand({})), "AuthFailure", 401);
	await rejectsWith(sts.send(new GetCallerIdentityCommand({})), "InvalidClientTokenId", 403);
	await rejectsWith(iam.send(new DeleteRoleCommand({ RoleName: "x" })), "InvalidClientTokenId", 403);
}

describe("an association of a profile", () => {
	test("is made, told, replaced and ended, and the metadata follow at once", async (t) => {
		const api = await startApi(t, AT_ONCE);
		const { ec2 } = api;
		const [firstArn, otherArn] = [await newProfile(api, "first"), await newProfile(api, "other")];
		const instance = await launchRunning(api);
		const { InstanceId } = instance;
		const url = endpointOf(instance);
		const info = async () => (await metadata(url, "meta-data/iam/info")).text;
		const roles = async () => (await metadata(url, "meta-data/iam/security-credentials/")).text;
		assert.equal((await metadata(url, "meta-data/iam/info")).status, 404);

		const { IamInstanceProfileAssociation: made } = await ec2.send(
			new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name: "first" } }),
		);
		assert.match(made?.AssociationId ?? "", /^iip-assoc-[0-9a-f]{17}$/);
		assert.match(made?.IamInstanceProfile?.Id ?? "", /^AIPA/);
		assert.deepEqual([made?.InstanceId, made?.State, made?.IamInstanceProfile?.Arn], [InstanceId, "associating", firstArn]);
		assert.ok(made?.Timestamp instanceof Date);
		assert.equal((JSON.parse(await info()) as { InstanceProfileArn: string }).InstanceProfileArn, firstArn);
		assert.equal(await roles(), "first");
		assert.equal((await describeOne(ec2, InstanceId)).IamInstanceProfile?.Arn, firstArn);
		const told = async () => {
			const { IamInstanceProfileAssociations = [] } = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}));
			return IamInstanceProfileAssociations.map(({ AssociationId, State, IamInstanceProfile }) => [
				AssociationId,
				State,
				IamInstanceProfile?.Arn,
			]);
		};
		assert.deepEqual(await told(), [[made?.AssociationId, "associated", firstArn]]);

		const { IamInstanceProfileAssociation: replaced } = await ec2.send(
			new ReplaceIamInstanceProfileAssociationCommand({ AssociationId: made?.AssociationId, IamInstanceProfile: { Arn: otherArn } }),
		);
		assert.notEqual(replaced?.AssociationId, made?.AssociationId);
		assert.equal((JSON.parse(await info()) as { InstanceProfileArn: string }).InstanceProfileArn, otherArn);
		assert.equal(await roles(), "other");
		assert.equal((await metadata(url, "meta-data/iam/security-credentials/first")).status, 404);
		assert.deepEqual(await told(), [[replaced?.AssociationId, "associated", otherArn]]);

		const { IamInstanceProfileAssociation: ended } = await ec2.send(
			new DisassociateIamInstanceProfileCommand({ AssociationId: replaced?.AssociationId }),
		);
		assert.deepEqual(
			[ended?.AssociationId, ended?.State, ended?.IamInstanceProfile?.Arn],
			[replaced?.AssociationId, "disassociating", otherArn],
		);
		assert.equal((await metadata(url, "meta-data/iam/info")).status, 404);
		assert.deepEqual(await told(), []);
		assert.equal((await describeOne(ec2, InstanceId)).IamInstanceProfile, undefined);
	});

	test("of an instance that was launched with one is told by instance and by state", async (t) => {
		const api = await startApi(t, AT_ONCE);
		const arn = await newProfile(api, "first");
		const [one, other] = [await launchRunning(api, "first"), await launchRunning(api, "first")];
		const found = async (Filters: { Name: string; Values: string[] }[]) => {
			const { IamInstanceProfileAssociations = [] } = await api.ec2.send(new DescribeIamInstanceProfileAssociationsCommand({ Filters }));
			return IamInstanceProfileAssociations.map(({ InstanceId = "" }) => InstanceId).toSorted();
		};
		assert.deepEqual(await found([]), [one.InstanceId, other.InstanceId].toSorted());
		assert.deepEqual(await found([{ Name: "instance-id", Values: [one.InstanceId] }]), [one.InstanceId]);
		assert.deepEqual(
			await found([
				{ Name: "state", Values: ["associated"] },
				{ Name: "instance-id", Values: [`${other.InstanceId.slice(0, -1)}?`] },
			]),
			[other.InstanceId],
		);
		assert.deepEqual(await found([{ Name: "state", Values: ["disassociated"] }]), []);
		await rejectsWith(found([{ Name: "profile", Values: ["first"] }]), "InvalidParameterValue");
		const { IamInstanceProfileAssociations: [association] = [] } = await api.ec2.send(
			new DescribeIamInstanceProfileAssociationsCommand({ Filters: [{ Name: "instance-id", Values: [one.InstanceId] }] }),
		);
		assert.equal(association?.IamInstanceProfile?.Arn, arn);
		const AssociationIds = [association.AssociationId ?? ""];
		const { IamInstanceProfileAssociations: same } = await api.ec2.send(
			new DescribeIamInstanceProfileAssociationsCommand({ AssociationIds }),
		);
		assert.deepEqual(same, [association]);
		await api.ec2.send(new TerminateInstancesCommand({ InstanceIds: [one.InstanceId] }));
		await untilState(api.ec2, one.InstanceId, "terminated");
		assert.deepEqual(await found([]), [other.InstanceId]);
	});

	test("is one at most (C34), also where two ask at once", async (t) => {
		const api = await startApi(t, AT_ONCE);
		await newProfile(api, "first");
		await newProfile(api, "other");
		const { InstanceId } = await launchRunning(api);
		const associate = (Name: string) => api.ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name } }));
		const outcomes = await Promise.allSettled([associate("first"), associate("other"), associate("first")]);
		assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
		const message = await rejectsWith(associate("first"), "IncorrectState");
		assert.equal(message, `There is an existing association for instance ${InstanceId}`);
		const { IamInstanceProfileAssociations = [] } = await api.ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}));
		assert.equal(IamInstanceProfileAssociations.length, 1);
	});

	test("that is none, or of what is none, is refused by name", async (t) => {
		const api = await startApi(t, AT_ONCE);
		const { ec2 } = api;
		await newProfile(api, "first");
		const { InstanceId } = await launchRunning(api);
		const associate = (IamInstanceProfile: { Name?: string; Arn?: string }, id = InstanceId) =>
			ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile }));
		assert.equal(
			await rejectsWith(associate({ Name: "x" }), "InvalidParameterValue"),
			"Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
		);
		await rejectsWith(associate({ Arn: "arn:aws:iam::999999999999:instance-profile/first" }), "InvalidParameterValue");
		await rejectsWith(associate({ Name: "first", Arn: "x" }), "InvalidParameterCombination");
		await rejectsWith(associate({ Name: "first" }, "i-0123456789abcdef0"), "InvalidInstanceID.NotFound");
		await rejectsWith(associate({ Name: "first" }, "bogus"), "InvalidInstanceID.Malformed");
		const AssociationId = "iip-assoc-0123456789abcdef0";
		const text = `An invalid association-id of '${AssociationId}' was given`;
		assert.equal(
			await rejectsWith(ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId })), "InvalidAssociationID.NotFound"),
			text,
		);
		const replace = (id: string, Name: string) =>
			ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId: id, IamInstanceProfile: { Name } }));
		await rejectsWith(replace(AssociationId, "first"), "InvalidAssociationID.NotFound");
		const describe = new DescribeIamInstanceProfileAssociationsCommand({ AssociationIds: [AssociationId] });
		await rejectsWith(ec2.send(describe), "InvalidAssociationID.NotFound");
		const { IamInstanceProfileAssociation: made } = await associate({ Name: "first" });
		await rejectsWith(replace(made?.AssociationId ?? "", "x"), "InvalidParameterValue");
		await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: made?.AssociationId }));
		await rejectsWith(
			ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: made?.AssociationId })),
			"InvalidAssociationID.NotFound",
		);
		await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "terminated");
		await rejectsWith(associate({ Name: "first" }), "IncorrectInstanceState");
	});

	test("is made and ended for a stopped instance, too", async (t) => {
		const api = await startApi(t, AT_ONCE);
		const arn = await newProfile(api, "first");
		const { InstanceId } = await launchRunning(api);
		await api.ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(api.ec2, InstanceId, "stopped");
		const { IamInstanceProfileAssociation: made } = await api.ec2.send(
			new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Arn: arn } }),
		);
		assert.equal((await describeOne(api.ec2, InstanceId)).IamInstanceProfile?.Arn, arn);
		await api.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: made?.AssociationId }));
		assert.equal((await describeOne(api.ec2, InstanceId)).IamInstanceProfile, undefined);
	});
});

describe("credentials that the metadata handed out", async () => {
	const api = await startApi({ after }, AT_ONCE);
	const { ec2, iam } = api;
	await newProfile(api, "first");
	await newProfile(api, "other");
	const association = async (InstanceId: string) => {
		const Filters = [{ Name: "instance-id", Values: [InstanceId] }];
		const { IamInstanceProfileAssociations: [one] = [] } = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({ Filters }));
		return one?.AssociationId;
	};

	test("are worth what the role may do, in the name of the instance", async () => {
		const instance = await launchRunning(api, "first");
		const its = await holder(api, instance, "first");
		await assertWorks(its, new RegExp(`^arn:aws:sts::\\d{12}:assumed-role/first/${instance.InstanceId}$`));
		await rejectsWith(its.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance.InstanceId] })), "UnauthorizedOperation", 403);
		await iam.send(new DeleteRolePolicyCommand({ RoleName: "first", PolicyName: "look" }));
		await rejectsWith(its.ec2.send(new DescribeInstancesCommand({})), "UnauthorizedOperation", 403);
		await iam.send(new PutRolePolicyCommand({ RoleName: "first", PolicyName: "look", PolicyDocument: DESCRIBE }));
		await assertWorks(its, /first/);
	});

	test("are refused once the profile is gone from the instance, and work for others that have it", async () => {
		const [one, other] = [await launchRunning(api, "first"), await launchRunning(api, "first")];
		const [its, others] = [await holder(api, one, "first"), await holder(api, other, "first")];
		await assertWorks(its, /first/);
		await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(one.InstanceId) }));
		await assertDead(its);
		await assertWorks(others, /first/);
	});

	test("are refused once another profile is in its place, and those of the new role work", async () => {
		const instance = await launchRunning(api, "first");
		const before = await holder(api, instance, "first");
		const AssociationId = await association(instance.InstanceId);
		await ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile: { Name: "other" } }));
		await assertDead(before);
		await assertWorks(await holder(api, instance, "other"), /assumed-role\/other\//);
	});

	test("are refused once the role is another, though it has the same name", async () => {
		await newProfile(api, "short-lived");
		const instance = await launchRunning(api, "short-lived");
		const its = await holder(api, instance, "short-lived");
		await assertWorks(its, /short-lived/);
		const names = { RoleName: "short-lived", InstanceProfileName: "short-lived" };
		await iam.send(new RemoveRoleFromInstanceProfileCommand(names));
		await assertDead(its);
		await iam.send(new DeleteRolePolicyCommand({ RoleName: "short-lived", PolicyName: "look" }));
		await iam.send(new DeleteRoleCommand({ RoleName: "short-lived" }));
		await iam.send(new CreateRoleCommand({ RoleName: "short-lived", AssumeRolePolicyDocument: EC2_TRUST }));
		await iam.send(new PutRolePolicyCommand({ RoleName: "short-lived", PolicyName: "look", PolicyDocument: DESCRIBE }));
		await iam.send(new AddRoleToInstanceProfileCommand(names));
		await assertDead(its);
		await assertWorks(await holder(api, instance, "short-lived"), /short-lived/);
	});
});
