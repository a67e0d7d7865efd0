// ModifyInstanceAttribute and DescribeInstanceAttribute (control-apis.md §2.9).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
	DescribeInstanceAttributeCommand,
	DescribeSecurityGroupsCommand,
	type InstanceAttributeName,
	ModifyInstanceAttributeCommand,
	type ModifyInstanceAttributeCommandInput,
	StartInstancesCommand,
	StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "./api.ts";
import { describeOne, endpointOf, launchOne, metadata, untilState } from "./instances.ts";
import { ec2Form, refusalOf, send, signed } from "./signed-request.ts";

const HELLO = Buffer.from("hello");

describe("an attribute of an instance", async () => {
	const configuration =
		"{ vpcs: [{ vpcId: vpc-1, cidrBlocks: [10.0.0.0/16] }], securityGroups: [{ groupId: sg-0aaaaaaaaaaaaaaaa, groupName: far, vpcId: vpc-1 }] }";
	const api = await startApi({ after }, { configuration, flags: ["--transition-delay-ms", "0"] });
	const { ec2 } = api;
	const { InstanceId, VpcId } = await launchOne(ec2, {
		MetadataOptions: { HttpTokens: "optional" },
		KernelId: "aki-12345678",
		DisableApiStop: true,
		EnclaveOptions: { Enabled: true },
	});
	await untilState(ec2, InstanceId, "running");
	const modify = (input: Partial<ModifyInstanceAttributeCommandInput>) =>
		ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, ...input }));
	const attribute = async (Attribute: InstanceAttributeName) => {
		const { $metadata: _, InstanceId: id, ...rest } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }));
		assert.equal(id, InstanceId);
		return rest;
	};

	test("is told by its name, each alone, with what there is", async () => {
		const { SecurityGroups, BlockDeviceMappings } = await describeOne(ec2, InstanceId);
		for (const [name, expected] of [
			["instanceType", { InstanceType: { Value: "t3.micro" } }],
			["kernel", { KernelId: { Value: "aki-12345678" } }],
			["ramdisk", { RamdiskId: {} }],
			["userData", { UserData: {} }],
			["disableApiTermination", { DisableApiTermination: { Value: false } }],
			["disableApiStop", { DisableApiStop: { Value: true } }],
			["instanceInitiatedShutdownBehavior", { InstanceInitiatedShutdownBehavior: { Value: "stop" } }],
			["rootDeviceName", { RootDeviceName: { Value: "/dev/xvda" } }],
			["blockDeviceMapping", { BlockDeviceMappings }],
			["productCodes", { ProductCodes: [] }],
			["sourceDestCheck", { SourceDestCheck: { Value: true } }],
			["groupSet", { Groups: SecurityGroups }],
			["ebsOptimized", { EbsOptimized: { Value: false } }],
			["sriovNetSupport", { SriovNetSupport: {} }],
			["enaSupport", { EnaSupport: { Value: true } }],
			["enclaveOptions", { EnclaveOptions: { Enabled: true } }],
		] as const) {
			assert.deepEqual(await attribute(name), expected, name);
		}
		await rejectsWith(attribute("bogus" as "kernel"), "InvalidParameterValue");
	});

	test("that a running instance may have changed is changed, in both ways of saying it", async () => {
		await modify({ DisableApiTermination: { Value: true } });
		assert.deepEqual(await attribute("disableApiTermination"), { DisableApiTermination: { Value: true } });
		await modify({ Attribute: "disableApiTermination", Value: "false" });
		assert.deepEqual(await attribute("disableApiTermination"), { DisableApiTermination: { Value: false } });
		await modify({ DisableApiStop: { Value: false } });
		assert.deepEqual(await attribute("disableApiStop"), { DisableApiStop: { Value: false } });
		await modify({ InstanceInitiatedShutdownBehavior: { Value: "terminate" } });
		assert.deepEqual(await attribute("instanceInitiatedShutdownBehavior"), { InstanceInitiatedShutdownBehavior: { Value: "terminate" } });
		await modify({ SourceDestCheck: { Value: false } });
		assert.deepEqual(await attribute("sourceDestCheck"), { SourceDestCheck: { Value: false } });
		const Filters = [
			{ Name: "group-name", Values: ["default"] },
			{ Name: "vpc-id", Values: [VpcId ?? ""] },
		];
		const { SecurityGroups: [group] = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
		await modify({ Groups: [group?.GroupId ?? ""] });
		assert.deepEqual(
			(await attribute("groupSet")).Groups?.map(({ GroupId }) => GroupId),
			[group?.GroupId],
		);
		await modify({ BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { DeleteOnTermination: false } }] });
		const { BlockDeviceMappings: [device] = [] } = await attribute("blockDeviceMapping");
		assert.equal(device?.Ebs?.DeleteOnTermination, false);
	});

	test("that needs a stopped instance is not changed while it runs (C33), and in its metadata once it runs again", async () => {
		for (const change of [
			{ UserData: { Value: HELLO } },
			{ Attribute: "userData", Value: HELLO.toString("base64") },
			{ InstanceType: { Value: "c5.large" } },
			{ Kernel: { Value: "aki-87654321" } },
			{ Ramdisk: { Value: "ari-87654321" } },
			{ EbsOptimized: { Value: true } },
			{ EnaSupport: { Value: false } },
			{ SriovNetSupport: { Value: "simple" } },
		] as const) {
			const message = await rejectsWith(modify(change), "IncorrectInstanceState");
			assert.equal(message, `The instance '${InstanceId}' is not in the 'stopped' state.`);
		}
		await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "stopped");
		await modify({ UserData: { Value: HELLO } });
		assert.deepEqual(await attribute("userData"), { UserData: { Value: HELLO.toString("base64") } });
		await modify({ Attribute: "userData", Value: Buffer.from("hello again").toString("base64") });
		await modify({ InstanceType: { Value: "c5.large" } });
		await modify({ Kernel: { Value: "aki-87654321" } });
		await modify({ Ramdisk: { Value: "ari-87654321" } });
		await modify({ EbsOptimized: { Value: true } });
		await modify({ EnaSupport: { Value: false } });
		await modify({ SriovNetSupport: { Value: "simple" } });
		assert.deepEqual(await attribute("ebsOptimized"), { EbsOptimized: { Value: true } });
		assert.deepEqual(await attribute("enaSupport"), { EnaSupport: { Value: false } });
		assert.deepEqual(await attribute("sriovNetSupport"), { SriovNetSupport: { Value: "simple" } });
		await ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }));
		const url = endpointOf(await untilState(ec2, InstanceId, "running"));
		assert.equal((await metadata(url, "user-data")).text, "hello again");
		assert.equal((await metadata(url, "meta-data/instance-type")).text, "c5.large");
		assert.equal((await metadata(url, "meta-data/kernel-id")).text, "aki-87654321");
		assert.equal((await metadata(url, "meta-data/ramdisk-id")).text, "ari-87654321");

		await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "stopped");
		await modify({ Attribute: "userData", Value: "" });
		assert.deepEqual(await attribute("userData"), { UserData: {} });
		await ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "running");
		assert.equal((await metadata(url, "user-data")).status, 404);
	});

	test("is one a request, that there is, with a value that it may have", async () => {
		assert.equal(await rejectsWith(modify({}), "InvalidParameterCombination"), "No attributes specified.");
		const two = { DisableApiStop: { Value: true }, DisableApiTermination: { Value: true } };
		assert.match(await rejectsWith(modify(two), "InvalidParameterCombination"), /DisableApi(Stop|Termination), DisableApi/);
		await rejectsWith(modify({ Attribute: "disableApiStop", Value: "yes" }), "InvalidParameterValue");
		await rejectsWith(modify({ Attribute: "rootDeviceName", Value: "/dev/sda" }), "InvalidParameterValue");
		await rejectsWith(modify({ Attribute: "userData", Value: "#!" }), "InvalidParameterValue");
		await rejectsWith(modify({ UserData: { Value: Buffer.alloc(16_385) } }), "InvalidParameterValue");
		await rejectsWith(modify({ InstanceInitiatedShutdownBehavior: { Value: "explode" } }), "InvalidParameterValue");
		await rejectsWith(modify({ InstanceType: { Value: "bogus" } }), "InvalidParameterValue");
		await rejectsWith(modify({ Groups: ["sg-0123456789abcdef0"] }), "InvalidGroup.NotFound");
		await rejectsWith(modify({ Groups: ["sg-0aaaaaaaaaaaaaaaa"] }), "InvalidGroup.NotFound"); // It is in another VPC.
		await rejectsWith(modify({ InstanceId: "i-0123456789abcdef0", DisableApiStop: { Value: true } }), "InvalidInstanceID.NotFound");
		await rejectsWith(modify({ InstanceId: "bogus", DisableApiStop: { Value: true } }), "InvalidInstanceID.Malformed");
		const form = ec2Form("ModifyInstanceAttribute", `InstanceId=${InstanceId}&UserData.Value=%23%21`);
		assert.equal(refusalOf(await send(api, await signed(api, { body: form }))).code, "InvalidParameterValue");
		assert.deepEqual(await attribute("disableApiStop"), { DisableApiStop: { Value: false } });
	});

	test("may be user data of 16 KiB", async () => {
		await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "stopped");
		await modify({ UserData: { Value: Buffer.alloc(16_384, 1) } });
		const { UserData } = await attribute("userData");
		assert.deepEqual(Buffer.from(UserData?.Value ?? "", "base64"), Buffer.alloc(16_384, 1));
	});
});
