// Two services, one model: EC2 sees nothing of Lightsail's instances, Lightsail nothing of EC2's, and what one has the other can't have.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	AssociateIamInstanceProfileCommand,
	CreateImageCommand,
	CreateTagsCommand,
	DescribeIamInstanceProfileAssociationsCommand,
	DescribeInstanceAttributeCommand,
	DescribeInstancesCommand,
	DescribeInstanceStatusCommand,
	DescribeNetworkInterfacesCommand,
	DescribeSubnetsCommand,
	DescribeTagsCommand,
	DescribeVolumesCommand,
	ModifyInstanceMetadataOptionsCommand,
	RunInstancesCommand,
	StartInstancesCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { GetInstanceCommand, GetInstancesCommand } from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { firstImageId, launchOne } from "./instances.ts";
import { createOne, endpointOf, instanceNamed } from "./lightsail-scene.ts";

// No instance of the first start, whose network would be in the lists below.
const { ec2, lightsail } = await startApi({ after }, { configuration: "instances: []" });
const created = await createOne(lightsail, "Web-1", { tags: [{ key: "team", value: "a" }] });
const [, hidden = ""] = created.supportCode?.split("/") ?? [];

test("EC2 lists nothing of an instance of Lightsail", async () => {
	assert.deepEqual((await ec2.send(new DescribeInstancesCommand({}))).Reservations, []);
	assert.deepEqual((await ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances: true }))).InstanceStatuses, []);
	assert.deepEqual((await ec2.send(new DescribeTagsCommand({}))).Tags, []);
	assert.deepEqual((await ec2.send(new DescribeVolumesCommand({}))).Volumes, []);
	assert.deepEqual((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces, []);
	const associations = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}));
	assert.deepEqual(associations.IamInstanceProfileAssociations, []);
});

test("EC2 finds no instance of Lightsail by its id, and can do nothing to it", async () => {
	const ids = { InstanceIds: [hidden] };
	const calls = [
		() => ec2.send(new DescribeInstancesCommand(ids)),
		() => ec2.send(new DescribeInstanceStatusCommand(ids)),
		() => ec2.send(new StartInstancesCommand(ids)),
		() => ec2.send(new StopInstancesCommand(ids)),
		() => ec2.send(new TerminateInstancesCommand(ids)),
		() => ec2.send(new CreateTagsCommand({ Resources: [hidden], Tags: [{ Key: "a", Value: "b" }] })),
		() => ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: hidden, HttpTokens: "required" })),
		() => ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: hidden, Attribute: "userData" })),
		() => ec2.send(new CreateImageCommand({ InstanceId: hidden, Name: "image" })),
		() => ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: hidden, IamInstanceProfile: { Name: "x" } })),
	];
	for (const call of calls) await rejectsWith(call(), "InvalidInstanceID.NotFound");
	const { tags, state, metadataOptions } = await instanceNamed(lightsail, "Web-1");
	assert.deepEqual(
		{ tags, state, metadataOptions },
		{ tags: created.tags, state: created.state, metadataOptions: created.metadataOptions },
	);
});

test("Lightsail sees nothing of EC2's instances, whatever their names", async () => {
	const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "Name", Value: "Web-2" }] }];
	await launchOne(ec2, { TagSpecifications });
	const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
	assert.deepEqual(
		instances.map(({ name }) => name),
		["Web-1"],
	);
	await rejectsWith(lightsail.send(new GetInstanceCommand({ instanceName: "Web-2" })), "NotFoundException");
});

test("addresses and endpoints are given out once, whichever service asks", async () => {
	const SubnetId = (await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: "availability-zone", Values: ["us-east-1a"] }] })))
		.Subnets?.[0]?.SubnetId;
	const ImageId = await firstImageId(ec2);
	const taken = { MinCount: 1, MaxCount: 1, ImageId, SubnetId, PrivateIpAddress: created.privateIpAddress };
	await rejectsWith(ec2.send(new RunInstancesCommand(taken)), "InvalidIPAddress.InUse");
	const launched = await launchOne(ec2);
	assert.ok(!launched.StateReason?.Message?.includes(endpointOf(created)));
	const next = await createOne(lightsail, "Web-3");
	assert.equal(new Set([created, next].map(endpointOf)).size, 2);
	assert.ok(!launched.StateReason?.Message?.includes(endpointOf(next)));
});

test("an address that an instance of Lightsail has is not free in its subnet", async () => {
	const free = async () => {
		const { Subnets = [] } = await ec2.send(
			new DescribeSubnetsCommand({ Filters: [{ Name: "availability-zone", Values: ["us-east-1f"] }] }),
		);
		return Subnets[0]?.AvailableIpAddressCount ?? 0;
	};
	const before = await free();
	await createOne(lightsail, "Web-6", { availabilityZone: "us-east-1f" });
	assert.equal(await free(), before - 1);
});
