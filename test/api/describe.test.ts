// What the APIs tell of the network, of volumes, types, Regions and zones, through the real SDK.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	DescribeAccountAttributesCommand,
	type DescribeAccountAttributesCommandInput,
	DescribeAvailabilityZonesCommand,
	DescribeInstanceCreditSpecificationsCommand,
	DescribeInstancesCommand,
	DescribeInstanceTypesCommand,
	DescribeNetworkInterfacesCommand,
	DescribeRegionsCommand,
	type DescribeRegionsCommandInput,
	DescribeSecurityGroupsCommand,
	DescribeSpotInstanceRequestsCommand,
	DescribeSubnetsCommand,
	DescribeVolumesCommand,
	DescribeVpcsCommand,
	type Filter,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "./api.ts";

const WEB = "i-0a0a0a0a0a0a0a0a0";
const SPOT = "i-0b0b0b0b0b0b0b0b0";
const OLD = "i-0c0c0c0c0c0c0c0c0";

const CONFIGURATION = `
vpcs:
  - vpcId: vpc-0a0a0a0a0a0a0a0a0
    cidrBlocks: [10.0.0.0/16, 10.1.0.0/16]
    ipv6CidrBlocks: ["2001:db8:1::/56"]
subnets:
  - subnetId: subnet-0a0a0a0a0a0a0a0a0
    vpcId: vpc-0a0a0a0a0a0a0a0a0
    availabilityZone: us-east-1b
    cidrBlock: 10.0.1.0/24
    ipv6CidrBlocks: ["2001:db8:1:1::/64"]
  - subnetId: subnet-0b0b0b0b0b0b0b0b0
    vpcId: vpc-0a0a0a0a0a0a0a0a0
    availabilityZone: us-east-1b
    ipv6CidrBlocks: ["2001:db8:1:2::/64"]
securityGroups:
  - groupId: sg-0a0a0a0a0a0a0a0a0
    groupName: web
    vpcId: vpc-0a0a0a0a0a0a0a0a0
instances:
  - instanceId: ${WEB}
    endpointListen: 127.0.0.1:0
    instanceType: m5.large
    networkInterfaces:
      - subnetId: subnet-0a0a0a0a0a0a0a0a0
        groups: [sg-0a0a0a0a0a0a0a0a0]
        privateIpAddresses: [{privateIpAddress: 10.0.1.10, publicIp: 203.0.113.10}, {privateIpAddress: 10.0.1.11}]
        ipv6Addresses: ["2001:db8:1:1::10"]
        ipv4Prefixes: [10.0.1.32/28]
      - subnetId: subnet-0a0a0a0a0a0a0a0a0
        groups: [sg-0a0a0a0a0a0a0a0a0]
        privateIpAddress: 10.0.1.12
    blockDeviceMappings: [{deviceName: /dev/xvda}, {deviceName: /dev/sdf}, {deviceName: /dev/sdb, virtualName: ephemeral0}]
  - {instanceId: ${SPOT}, endpointListen: 127.0.0.1:0, instanceType: t3.micro, instanceLifecycle: spot}
  - {instanceId: ${OLD}, endpointListen: 127.0.0.1:0, instanceType: t2.micro}
`;

const filter = (Name: string, ...Values: string[]): { Filters: Filter[] } => ({ Filters: [{ Name, Values }] });

describe("the network", () => {
	test("VPCs: the default one and others, by id and by filter", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
		assert.equal(Vpcs.length, 2);
		const byDefault = Vpcs.find(({ IsDefault }) => IsDefault);
		assert.equal(byDefault?.CidrBlock, "172.31.0.0/16");
		assert.match(byDefault.DhcpOptionsId ?? "", /^dopt-[0-9a-f]{17}$/);
		const [own] = (await ec2.send(new DescribeVpcsCommand({ VpcIds: ["vpc-0a0a0a0a0a0a0a0a0"] }))).Vpcs ?? [];
		assert.equal(own?.IsDefault, false);
		assert.deepEqual(
			own.CidrBlockAssociationSet?.map(({ CidrBlock, CidrBlockState }) => [CidrBlock, CidrBlockState?.State]),
			[
				["10.0.0.0/16", "associated"],
				["10.1.0.0/16", "associated"],
			],
		);
		assert.deepEqual(
			own.Ipv6CidrBlockAssociationSet?.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
			["2001:db8:1::/56"],
		);
		const found = async (name: string, value: string) =>
			(await ec2.send(new DescribeVpcsCommand(filter(name, value)))).Vpcs?.map(({ VpcId }) => VpcId);
		assert.deepEqual(await found("isDefault", "true"), [byDefault.VpcId]);
		assert.deepEqual(await found("is-default", "false"), [own.VpcId]);
		assert.deepEqual(await found("cidr", "10.*"), [own.VpcId]);
		assert.deepEqual(await found("cidr-block-association.cidr-block", "10.1.0.0/16"), [own.VpcId]);
		await rejectsWith(found("colour", "red"), "InvalidParameterValue");
		await rejectsWith(ec2.send(new DescribeVpcsCommand({ VpcIds: ["vpc-0b0b0b0b0b0b0b0b0"] })), "InvalidVpcID.NotFound");
	});

	test("subnets tell how many addresses are left: five are EC2's, a prefix is sixteen", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand(filter("vpc-id", "vpc-0a0a0a0a0a0a0a0a0")));
		const shown = Subnets.map((one) => [one.SubnetId, one.AvailableIpAddressCount, one.Ipv6Native, one.DefaultForAz, one.CidrBlock]);
		assert.deepEqual(shown, [
			["subnet-0a0a0a0a0a0a0a0a0", 256 - 5 - 3 - 16, false, false, "10.0.1.0/24"],
			["subnet-0b0b0b0b0b0b0b0b0", 0, true, false, undefined],
		]);
		assert.equal(Subnets[0]?.AvailabilityZoneId, "use1-az2");
		assert.equal(Subnets[0].SubnetArn, `arn:aws:ec2:us-east-1:${Subnets[0].OwnerId}:subnet/subnet-0a0a0a0a0a0a0a0a0`);
		const byDefault = (await ec2.send(new DescribeSubnetsCommand(filter("default-for-az", "true")))).Subnets ?? [];
		assert.deepEqual(
			new Set(byDefault.map(({ AvailabilityZone }) => AvailabilityZone)),
			new Set([..."abcdef"].map((letter) => `us-east-1${letter}`)),
		);
		assert.ok(byDefault.every(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch));
		await rejectsWith(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ["subnet-0c0c0c0c0c0c0c0c0"] })), "InvalidSubnetID.NotFound");
	});

	test("security groups, by id, name, and filter; all may go out, and a default group lets its own in", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const named = await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ["default"] }));
		assert.equal(named.SecurityGroups?.length, 1);
		const [group] = named.SecurityGroups;
		assert.equal(group?.Description, "default VPC security group");
		assert.equal(group.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId, group.GroupId);
		const [web] = (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-0a0a0a0a0a0a0a0a0"] }))).SecurityGroups ?? [];
		assert.deepEqual(web?.IpPermissions, []);
		assert.deepEqual(
			web.IpPermissionsEgress?.map(({ IpProtocol, IpRanges }) => [IpProtocol, IpRanges]),
			[["-1", [{ CidrIp: "0.0.0.0/0" }]]],
		);
		const found = await ec2.send(new DescribeSecurityGroupsCommand(filter("group-name", "w?b")));
		assert.deepEqual(
			found.SecurityGroups?.map(({ GroupId }) => GroupId),
			[web.GroupId],
		);
		assert.match(await rejectsWith(ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ["web"] })), "InvalidGroup.NotFound"), /'web'/);
		await rejectsWith(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-0b0b0b0b0b0b0b0b0"] })), "InvalidGroup.NotFound");
	});

	test("network interfaces are those of the instances, as these show them", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand(filter("attachment.instance-id", WEB)));
		const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [WEB] }));
		const instance = Reservations?.[0]?.Instances?.[0];
		assert.deepEqual(
			new Set(NetworkInterfaces.map((one) => one.NetworkInterfaceId)),
			new Set(instance?.NetworkInterfaces?.map((one) => one.NetworkInterfaceId)),
		);
		const primary = NetworkInterfaces.find(({ Attachment }) => Attachment?.DeviceIndex === 0);
		assert.deepEqual(
			{
				address: primary?.PrivateIpAddress,
				publicIp: primary?.Association?.PublicIp,
				ipv6: primary?.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address),
				groups: primary?.Groups,
				instance: primary?.Attachment?.InstanceId,
				zone: primary?.AvailabilityZone,
				status: primary?.Status,
				tags: primary?.TagSet,
			},
			{
				address: "10.0.1.10",
				publicIp: "203.0.113.10",
				ipv6: ["2001:db8:1:1::10"],
				groups: [{ GroupId: "sg-0a0a0a0a0a0a0a0a0", GroupName: "web" }],
				instance: WEB,
				zone: "us-east-1b",
				status: "in-use",
				tags: [],
			},
		);
		const found = async (name: string, value: string) =>
			(await ec2.send(new DescribeNetworkInterfacesCommand(filter(name, value)))).NetworkInterfaces?.map((one) => one.PrivateIpAddress);
		assert.deepEqual(await found("addresses.private-ip-address", "10.0.1.11"), ["10.0.1.10"]);
		assert.deepEqual(await found("association.public-ip", "203.0.113.10"), ["10.0.1.10"]);
		assert.deepEqual(await found("private-ip-address", "10.0.1.12"), ["10.0.1.12"]);
		assert.equal((await found("subnet-id", "subnet-0a0a0a0a0a0a0a0a0"))?.length, 2);
		await rejectsWith(
			ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ["eni-0b0b0b0b0b0b0b0b0"] })),
			"InvalidNetworkInterfaceID.NotFound",
		);
	});

	test("pages give everything once, in order", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const all = ((await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? []).map(({ SubnetId }) => SubnetId);
		assert.equal(all.length, 8);
		const first = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 }));
		const rest = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 5, NextToken: first.NextToken }));
		assert.deepEqual(
			[...(first.Subnets ?? []), ...(rest.Subnets ?? [])].map(({ SubnetId }) => SubnetId),
			all,
		);
		assert.equal(rest.NextToken, undefined);
		await rejectsWith(ec2.send(new DescribeSubnetsCommand({ NextToken: "nonsense" })), "InvalidNextToken");
		await rejectsWith(ec2.send(new DescribeSubnetsCommand({ MaxResults: 1001 })), "InvalidParameterValue");
	});
});

describe("what instances have", () => {
	test("a volume for each EBS device, with the id that its instance shows", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand(filter("attachment.instance-id", WEB)));
		const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [WEB] }));
		const shown = Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.map(({ DeviceName, Ebs }) => [DeviceName, Ebs?.VolumeId]);
		assert.deepEqual(
			new Map(Volumes.map(({ VolumeId, Attachments }) => [Attachments?.[0]?.Device, VolumeId])),
			new Map(shown as [string, string][]),
		);
		assert.equal(Volumes.length, 2);
		for (const { State, Size, VolumeType, Iops, AvailabilityZone } of Volumes) {
			assert.deepEqual([State, Size, VolumeType, Iops, AvailabilityZone], ["in-use", 8, "gp2", 100, "us-east-1b"]);
		}
		const device = await ec2.send(new DescribeVolumesCommand(filter("attachment.device", "/dev/sdf")));
		assert.equal(device.Volumes?.length, 1);
		await rejectsWith(ec2.send(new DescribeVolumesCommand({ VolumeIds: ["vol-0b0b0b0b0b0b0b0b0"] })), "InvalidVolume.NotFound");
	});

	test("the request of each Spot Instance", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { SpotInstanceRequests = [] } = await ec2.send(new DescribeSpotInstanceRequestsCommand({}));
		assert.deepEqual(
			SpotInstanceRequests.map((one) => [one.InstanceId, one.State, one.Status?.Code, one.Type, one.LaunchSpecification?.InstanceType]),
			[[SPOT, "active", "fulfilled", "one-time", "t3.micro"]],
		);
		const id = SpotInstanceRequests[0]?.SpotInstanceRequestId ?? "";
		assert.match(id, /^sir-/);
		const again = await ec2.send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id], ...filter("state", "active") }));
		assert.equal(again.SpotInstanceRequests?.length, 1);
		await rejectsWith(
			ec2.send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: ["sir-08b93456"] })),
			"InvalidSpotInstanceRequestID.NotFound",
		);
	});

	test("how burstable instances pay for CPU: T2 standard, others unlimited", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const credits = async (InstanceIds?: string[]) =>
			(await ec2.send(new DescribeInstanceCreditSpecificationsCommand({ InstanceIds }))).InstanceCreditSpecifications;
		assert.deepEqual(await credits([OLD, SPOT]), [
			{ InstanceId: SPOT, CpuCredits: "unlimited" },
			{ InstanceId: OLD, CpuCredits: "standard" },
		]);
		assert.deepEqual(await credits(), [{ InstanceId: SPOT, CpuCredits: "unlimited" }]);
		assert.match(await rejectsWith(credits([WEB]), "InvalidParameterValue"), new RegExp(WEB));
		await rejectsWith(credits(["i-0d0d0d0d0d0d0d0d0"]), "InvalidInstanceID.NotFound");
	});
});

describe("what there is to choose from", () => {
	test("instance types by name and filter", async (t) => {
		const { ec2 } = await startApi(t);
		const { InstanceTypes = [] } = await ec2.send(
			new DescribeInstanceTypesCommand({ InstanceTypes: ["t3.micro", "m1.small", "c7g.medium"] }),
		);
		assert.deepEqual(
			InstanceTypes.map((one) => [
				one.InstanceType,
				one.Hypervisor,
				one.BurstablePerformanceSupported,
				one.CurrentGeneration,
				one.VCpuInfo?.DefaultVCpus,
				one.VCpuInfo?.DefaultCores,
				one.MemoryInfo?.SizeInMiB,
				one.ProcessorInfo?.SupportedArchitectures?.join(),
				one.NetworkInfo?.Ipv6Supported,
				one.NetworkInfo?.EnaSupport,
			]),
			[
				["c7g.medium", "nitro", false, true, 1, 1, 2048, "arm64", true, "required"],
				["m1.small", "xen", false, false, 1, 1, 1740, "x86_64", false, "unsupported"],
				["t3.micro", "nitro", true, true, 2, 1, 1024, "x86_64", true, "required"],
			],
		);
		const names = async (...filters: [string, string][]) => {
			const found: string[] = [];
			let NextToken: string | undefined;
			do {
				const Filters = filters.map(([Name, value]) => ({ Name, Values: [value] }));
				const page = await ec2.send(new DescribeInstanceTypesCommand({ Filters, MaxResults: 100, NextToken }));
				found.push(...(page.InstanceTypes ?? []).map(({ InstanceType = "" }) => InstanceType));
				NextToken = page.NextToken;
			} while (NextToken !== undefined);
			return found;
		};
		assert.deepEqual(await names(["free-tier-eligible", "true"]), ["t2.micro", "t3.micro"]);
		assert.deepEqual(await names(["hypervisor", "xen"], ["instance-type", "i3.*"], ["vcpu-info.default-vcpus", "8"]), ["i3.2xlarge"]);
		const metal = await names(["bare-metal", "true"]);
		assert.ok(metal.includes("m5.metal") && metal.every((name) => name.includes(".metal")));
		assert.ok((await names()).length > 300);
		assert.equal(
			await rejectsWith(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["t3.micro", "u-6tb1.metal"] })), "InvalidInstanceType"),
			"The following supplied instance types do not exist: [u-6tb1.metal]",
		);
	});

	test("Regions: those that an account has, and with AllRegions those to enable", async (t) => {
		const { ec2 } = await startApi(t);
		const names = async (input: DescribeRegionsCommandInput) =>
			((await ec2.send(new DescribeRegionsCommand(input))).Regions ?? []).map(({ RegionName = "" }) => RegionName);
		const enabled = await names({});
		assert.equal(enabled.length, 17);
		assert.ok(enabled.includes("us-east-1") && !enabled.includes("af-south-1"));
		assert.ok((await names({ AllRegions: true })).length > 30);
		const { Regions } = await ec2.send(new DescribeRegionsCommand({ RegionNames: ["af-south-1"] }));
		assert.deepEqual(Regions, [{ RegionName: "af-south-1", Endpoint: "ec2.af-south-1.amazonaws.com", OptInStatus: "not-opted-in" }]);
		assert.deepEqual(await names(filter("region-name", "eu-west-*")), ["eu-west-1", "eu-west-2", "eu-west-3"]);
		assert.match(await rejectsWith(names({ RegionNames: ["us-east-9"] }), "InvalidParameterValue"), /us-east-9/);
	});

	test("a Region of another partition is listed with its own", async (t) => {
		const { ec2 } = await startApi(t, {
			configuration: "account: {region: cn-north-1}\ninstances:\n  - {instanceId: i-0a0a0a0a0a0a0a0a0, endpointListen: 127.0.0.1:0}\n",
		});
		const { Regions } = await ec2.send(new DescribeRegionsCommand({}));
		assert.deepEqual(
			Regions?.map(({ RegionName, Endpoint }) => [RegionName, Endpoint]),
			[
				["cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"],
				["cn-northwest-1", "ec2.cn-northwest-1.amazonaws.com.cn"],
			],
		);
	});

	test("an account of a Region that was to be enabled has it", async (t) => {
		const { ec2 } = await startApi(t, {
			configuration: "account: {region: eu-south-1}\ninstances:\n  - {instanceId: i-0a0a0a0a0a0a0a0a0, endpointListen: 127.0.0.1:0}\n",
		});
		const { Regions } = await ec2.send(new DescribeRegionsCommand(filter("opt-in-status", "opted-in")));
		assert.deepEqual(
			Regions?.map(({ RegionName }) => RegionName),
			["eu-south-1"],
		);
	});

	test("Availability Zones are those that can be launched into", async (t) => {
		const { ec2 } = await startApi(t);
		const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
		assert.deepEqual(
			AvailabilityZones.map(({ ZoneName, ZoneId, State, RegionName }) => [ZoneName, ZoneId, State, RegionName]),
			[..."abcdef"].map((letter, at) => [`us-east-1${letter}`, `use1-az${at + 1}`, "available", "us-east-1"]),
		);
		const { AvailabilityZones: two } = await ec2.send(new DescribeAvailabilityZonesCommand({ ZoneIds: ["use1-az2", "use1-az3"] }));
		assert.deepEqual(
			two?.map(({ ZoneName }) => ZoneName),
			["us-east-1b", "us-east-1c"],
		);
		assert.match(
			await rejectsWith(ec2.send(new DescribeAvailabilityZonesCommand({ ZoneNames: ["us-east-1z"] })), "InvalidParameterValue"),
			/us-east-1z/,
		);
	});

	test("the account's attributes name the default VPC", async (t) => {
		const { ec2 } = await startApi(t);
		const { Vpcs } = await ec2.send(new DescribeVpcsCommand(filter("is-default", "true")));
		const attributes = async (input: DescribeAccountAttributesCommandInput) => {
			const { AccountAttributes = [] } = await ec2.send(new DescribeAccountAttributesCommand(input));
			return new Map(AccountAttributes.map(({ AttributeName, AttributeValues }) => [AttributeName, AttributeValues?.[0]?.AttributeValue]));
		};
		assert.deepEqual(
			await attributes({ AttributeNames: ["default-vpc", "supported-platforms"] }),
			new Map([
				["supported-platforms", "VPC"],
				["default-vpc", Vpcs?.[0]?.VpcId],
			]),
		);
		assert.equal((await attributes({})).get("max-instances"), "20");
	});
});
