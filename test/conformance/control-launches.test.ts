// Cases C27 to C35 of control-apis.md §7: launches, their templates, and what instances may be asked to become.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	type _InstanceType,
	AssociateIamInstanceProfileCommand,
	CreateLaunchTemplateCommand,
	CreateLaunchTemplateVersionCommand,
	DescribeInstanceAttributeCommand,
	DescribeInstancesCommand,
	ModifyInstanceAttributeCommand,
	RunInstancesCommand,
	StartInstancesCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "../api/api.ts";
import { CONFIGURATION, DEFAULTS, instanceOnce, launched, metadata, PLAIN_IMAGE, running, statuses, V2_IMAGE } from "./control-scene.ts";

const { ec2 } = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });

const ONE = { MinCount: 1, MaxCount: 1 };

test("C27: a launch has its template's options, and each that the request names wins", async () => {
	const LaunchTemplateData = { ImageId: PLAIN_IMAGE, MetadataOptions: { HttpTokens: "required" as const, HttpPutResponseHopLimit: 2 } };
	await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "hardened", LaunchTemplateData }));
	const LaunchTemplate = { LaunchTemplateName: "hardened" };
	const [plain] = (await ec2.send(new RunInstancesCommand({ LaunchTemplate, ...ONE }))).Instances ?? [];
	const { options, url } = await running(ec2, plain?.InstanceId ?? "");
	assert.deepEqual(options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	assert.deepEqual(await statuses(url), { v1: 401, v2: 200 });
	const hops = await launched(ec2, { LaunchTemplate, MetadataOptions: { HttpPutResponseHopLimit: 5 } });
	assert.deepEqual(hops.options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 5 });
	const tokens = await launched(ec2, { LaunchTemplate, MetadataOptions: { HttpTokens: "optional" } });
	assert.deepEqual(tokens.options, { ...DEFAULTS, HttpPutResponseHopLimit: 2 });
});

test("C27: what a template leaves out, account and image decide at the launch", async () => {
	const LaunchTemplateData = { MetadataOptions: { InstanceMetadataTags: "enabled" as const } };
	await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "tags", LaunchTemplateData }));
	const { options } = await launched(ec2, { LaunchTemplate: { LaunchTemplateName: "tags" }, ImageId: V2_IMAGE });
	assert.deepEqual(options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 2, InstanceMetadataTags: "enabled" });
});

test("C28: $Latest is the newest version, $Default and none the default one", async () => {
	const LaunchTemplateName = "web-lt";
	const version = (HttpPutResponseHopLimit: number) => ({ LaunchTemplateData: { MetadataOptions: { HttpPutResponseHopLimit } } });
	await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, ...version(11) }));
	await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, ...version(12) }));
	await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, ...version(13) }));
	for (const [Version, hops] of [
		["$Latest", 13],
		["$Default", 11],
		["2", 12],
	] as const) {
		const { options } = await launched(ec2, { LaunchTemplate: { LaunchTemplateName, Version } });
		assert.equal(options?.HttpPutResponseHopLimit, hops, Version);
	}
	assert.equal((await launched(ec2, { LaunchTemplate: { LaunchTemplateName } })).options?.HttpPutResponseHopLimit, 11);
	const missing = launched(ec2, { LaunchTemplate: { LaunchTemplateName, Version: "4" } });
	await rejectsWith(missing, "InvalidLaunchTemplateId.VersionNotFound");
});

test("C29: an image that there is not, an id that is none, and a type that is none are refused", async () => {
	const notFound = await rejectsWith(launched(ec2, { ImageId: "ami-0fedcba9876543210" }), "InvalidAMIID.NotFound");
	assert.equal(notFound, "The image id '[ami-0fedcba9876543210]' does not exist");
	const malformed = await rejectsWith(launched(ec2, { ImageId: "bogus" }), "InvalidAMIID.Malformed");
	assert.equal(malformed, 'Invalid id: "bogus" (expecting "ami-...")');
	for (const type of ["bogus", "t3.", "x y.z"]) {
		await rejectsWith(launched(ec2, { InstanceType: type as _InstanceType }), "InvalidParameterValue");
	}
	await rejectsWith(ec2.send(new RunInstancesCommand(ONE)), "MissingParameter");
});

test("C30: an instance profile that there is not is refused in the words that clients look for", async () => {
	const message = await rejectsWith(launched(ec2, { IamInstanceProfile: { Name: "nobody" } }), "InvalidParameterValue");
	assert.equal(message, "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name");
});

test("C31: a dry run of a launch is a DryRunOperation, and launches nothing", async () => {
	const ids = async () => (await ec2.send(new DescribeInstancesCommand({}))).Reservations?.length;
	const before = await ids();
	await rejectsWith(launched(ec2, { DryRun: true }), "DryRunOperation", 412);
	assert.equal(await ids(), before);
});

test("C32: a terminated instance can't be started", async () => {
	const { instanceId } = await launched(ec2);
	await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
	await instanceOnce(ec2, instanceId, ({ State }) => State?.Name === "terminated");
	const message = await rejectsWith(ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] })), "IncorrectInstanceState");
	assert.equal(message, `The instance '${instanceId}' is not in a state from which it can be started.`);
});

test("C33: user data are changed of a stopped instance alone, and are its metadata when it was started", async () => {
	const { instanceId, url } = await launched(ec2, { UserData: Buffer.from("before").toString("base64") });
	const userData = async () => (await fetch(`${url}/latest/user-data`)).text();
	assert.equal(await userData(), "before");
	const change = () => ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instanceId, UserData: { Value: Buffer.from("after") } }));
	await rejectsWith(change(), "IncorrectInstanceState");
	await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
	await instanceOnce(ec2, instanceId, ({ State }) => State?.Name === "stopped");
	await change();
	const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: "userData" }));
	assert.equal(Buffer.from(UserData?.Value ?? "", "base64").toString(), "after");
	await ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));
	await running(ec2, instanceId);
	assert.equal(await userData(), "after");
});

test("C34: a second profile is refused, and the first one's role is the instance's", async () => {
	const { instanceId, url } = await launched(ec2);
	assert.equal(await metadata(url, "iam/security-credentials/"), undefined);
	const associate = (Name: string) =>
		ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: instanceId, IamInstanceProfile: { Name } }));
	const { IamInstanceProfileAssociation: association } = await associate("web-role");
	assert.equal(association?.InstanceId, instanceId);
	assert.equal(association.State, "associating");
	assert.match(association.AssociationId ?? "", /^iip-assoc-[0-9a-f]{17}$/);
	assert.equal(await metadata(url, "iam/security-credentials/"), "web-role");
	const message = await rejectsWith(associate("other-role"), "IncorrectState");
	assert.equal(message, `There is an existing association for instance ${instanceId}`);
	assert.equal(await metadata(url, "iam/security-credentials/"), "web-role");
});

test("C35: of ids that there are not, the error names all", async () => {
	const { instanceId } = await launched(ec2);
	const describe = (...InstanceIds: string[]) =>
		rejectsWith(ec2.send(new DescribeInstancesCommand({ InstanceIds })), "InvalidInstanceID.NotFound");
	assert.equal(
		await describe("i-0123456789abcdef0", instanceId, "i-0123456789abcdef1"),
		"The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist",
	);
	assert.equal(await describe("i-0123456789abcdef0"), "The instance ID 'i-0123456789abcdef0' does not exist");
});
