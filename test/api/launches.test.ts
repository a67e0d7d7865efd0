// RunInstances, and what it makes (control-apis.md §2.3).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
	CreateLaunchTemplateCommand,
	DeregisterImageCommand,
	DescribeInstancesCommand,
	type EC2Client,
	RegisterImageCommand,
	RunInstancesCommand,
	type RunInstancesCommandInput,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { openimds } from "../cli/openimds.ts";
import { rejectsWith, startApi } from "./api.ts";
import { describeOne, endpointOf, firstImageId, launchOne, metadata, untilState } from "./instances.ts";
import { ec2Form, refusalOf, send, signed } from "./signed-request.ts";

const SIX = "2001:db8:1234:1a00";

/** A network with a subnet for IPv4, one for both, one for IPv6, and one with room for three. */
const CONFIGURATION = `
account: { accountId: "123456789012", region: us-west-2 }
vpcs:
  - { vpcId: vpc-0000000000000000a, cidrBlocks: [10.0.0.0/16], ipv6CidrBlocks: ["${SIX}::/56"] }
subnets:
  - { subnetId: subnet-0000000000000000a, vpcId: vpc-0000000000000000a, availabilityZone: us-west-2b, cidrBlock: 10.0.1.0/24 }
  - { subnetId: subnet-0000000000000000b, vpcId: vpc-0000000000000000a, availabilityZone: us-west-2b, cidrBlock: 10.0.2.0/24, ipv6CidrBlocks: ["${SIX}::/64"] }
  - { subnetId: subnet-0000000000000000c, vpcId: vpc-0000000000000000a, availabilityZone: us-west-2b, ipv6CidrBlocks: ["2001:db8:1234:1a01::/64"] }
  - { subnetId: subnet-0000000000000000d, vpcId: vpc-0000000000000000a, availabilityZone: us-west-2c, cidrBlock: 10.0.3.0/28 }
securityGroups:
  - { groupId: sg-0000000000000000a, groupName: web, vpcId: vpc-0000000000000000a }
  - { groupId: sg-0000000000000000b, groupName: db, vpcId: vpc-0000000000000000a }
keyPairs:
  - keyName: a-key
    publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq a-key
roles:
  - roleName: role
instanceProfiles:
  - { instanceProfileName: profile, path: /team/, roles: [role] }
instances:
  - { instanceId: i-0a0a0a0a0a0a0a0a0, endpointListen: "127.0.0.1:0", subnetId: subnet-0000000000000000a, privateIpAddress: 10.0.1.10 }
`;
const PROFILE_ARN = "arn:aws:iam::123456789012:instance-profile/team/profile";
const [PLAIN, DUAL, SIX_ONLY, SMALL] = [..."abcd"].map((letter) => `subnet-0000000000000000${letter}`) as [string, string, string, string];

const AT_ONCE = { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "0"] };

async function instanceIds(ec2: EC2Client): Promise<readonly string[]> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
	return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
}

describe("a launch is refused", async () => {
	const api = await startApi({ after }, { configuration: CONFIGURATION });
	const { ec2 } = api;
	const ImageId = await firstImageId(ec2);
	const refused = async (input: Partial<RunInstancesCommandInput>, code: string) =>
		rejectsWith(ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1, ...input })), code);

	const { ImageId: goneId } = await ec2.send(new RegisterImageCommand({ Name: "gone", RootDeviceName: "/dev/xvda" }));
	await ec2.send(new DeregisterImageCommand({ ImageId: goneId }));

	const interfaces = (...list: NonNullable<RunInstancesCommandInput["NetworkInterfaces"]>) => ({ NetworkInterfaces: list });
	const spotFor = (MarketType: string) => ({ InstanceMarketOptions: { MarketType } }) as Partial<RunInstancesCommandInput>;
	const tags = (ResourceType: string, ...keys: string[]) =>
		({ TagSpecifications: [{ ResourceType, Tags: keys.map((Key) => ({ Key, Value: "" })) }] }) as Partial<RunInstancesCommandInput>;

	const cases: readonly (readonly [name: string, input: Partial<RunInstancesCommandInput>, code: string, message?: RegExp | string])[] = [
		["without an image", { ImageId: undefined }, "MissingParameter", "The request must contain the parameter ImageId"],
		[
			"of an image that is none",
			{ ImageId: "ami-0123456789abcdef0" },
			"InvalidAMIID.NotFound",
			"The image id '[ami-0123456789abcdef0]' does not exist",
		],
		["of an image without an id", { ImageId: "bogus" }, "InvalidAMIID.Malformed", 'Invalid id: "bogus" (expecting "ami-...")'],
		["of an image that is gone", { ImageId: goneId }, "InvalidAMIID.Unavailable", `The image id '[${goneId}]' is no longer available`],
		["of a type that is none", { InstanceType: "bogus" as "t3.micro" }, "InvalidParameterValue", /'bogus' for InstanceType/],
		["with a key pair that is none", { KeyName: "k" }, "InvalidKeyPair.NotFound", "The key pair 'k' does not exist"],
		[
			"in a subnet that is none",
			{ SubnetId: "subnet-0123456789abcdef0" },
			"InvalidSubnetID.NotFound",
			"The subnet ID 'subnet-0123456789abcdef0' does not exist",
		],
		["in a subnet without an id", { SubnetId: "here" }, "InvalidSubnetID.Malformed"],
		["in a group that is none", { SecurityGroupIds: ["sg-0123456789abcdef0"] }, "InvalidGroup.NotFound"],
		["in a group without an id", { SecurityGroupIds: ["web"] }, "InvalidGroupId.Malformed"],
		["in a group that nobody named so", { SecurityGroups: ["nobody"] }, "InvalidGroup.NotFound", /'nobody'/],
		["in a group of another VPC", { SecurityGroupIds: ["sg-0000000000000000a"] }, "InvalidParameterValue", /sg-0000000000000000a/],
		[
			"with a profile that is none (C30)",
			{ IamInstanceProfile: { Name: "x" } },
			"InvalidParameterValue",
			"Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
		],
		[
			"with a profile's ARN that is none",
			{ IamInstanceProfile: { Arn: `${PROFILE_ARN}x` } },
			"InvalidParameterValue",
			/iamInstanceProfile\.arn is invalid\. Invalid IAM Instance Profile ARN/,
		],
		[
			"with a profile's ARN that has another path",
			{ IamInstanceProfile: { Arn: PROFILE_ARN.replace("/team", "") } },
			"InvalidParameterValue",
			/Invalid IAM Instance Profile/,
		],
		["with a profile's name and ARN", { IamInstanceProfile: { Arn: PROFILE_ARN, Name: "profile" } }, "InvalidParameterCombination"],
		[
			"with user data that are too long",
			{ UserData: Buffer.alloc(16_385).toString("base64") },
			"InvalidParameterValue",
			"User data is limited to 16384 bytes",
		],
		["with user data that are no base64", { UserData: "#!/bin/sh" }, "InvalidParameterValue", "Invalid BASE64 encoding of user data"],
		[
			"with half a mebibyte of blanks as user data",
			{ UserData: `${" ".repeat(170_000)}!` },
			"InvalidParameterValue",
			"Invalid BASE64 encoding of user data",
		],
		["of none", { MinCount: 0, MaxCount: 0 }, "InvalidParameterValue", /minCount/],
		["of less than none", { MinCount: -1 }, "InvalidParameterValue", /minCount/],
		["of less than there shall be at least", { MinCount: 3, MaxCount: 2 }, "InvalidParameterValue", /maxCount/],
		["of more than anybody has room for", { MinCount: 1, MaxCount: 100_000 }, "InstanceLimitExceeded", /100000/],
		[
			"with a subnet and interfaces",
			{ SubnetId: PLAIN, ...interfaces({ DeviceIndex: 0, SubnetId: PLAIN }) },
			"InvalidParameterCombination",
			"Network interfaces and an instance-level subnet ID may not be specified on the same request",
		],
		[
			"with groups and interfaces",
			{ SecurityGroupIds: ["sg-0000000000000000a"], ...interfaces({ DeviceIndex: 0, SubnetId: PLAIN }) },
			"InvalidParameterCombination",
		],
		[
			"with an interface in a subnet that is none",
			interfaces({ DeviceIndex: 0, SubnetId: "subnet-0123456789abcdef0" }),
			"InvalidSubnetID.NotFound",
		],
		[
			"with an interface in a group that is none",
			interfaces({ DeviceIndex: 0, SubnetId: PLAIN, Groups: ["sg-0123456789abcdef0"] }),
			"InvalidGroup.NotFound",
		],
		[
			"with an interface that is none",
			interfaces({ DeviceIndex: 0, NetworkInterfaceId: "eni-0123456789abcdef0" }),
			"InvalidNetworkInterfaceID.NotFound",
		],
		[
			"with two interfaces at one place",
			interfaces({ DeviceIndex: 0, SubnetId: PLAIN }, { DeviceIndex: 0, SubnetId: PLAIN }),
			"InvalidParameterValue",
			/deviceIndex/,
		],
		["with no first interface", interfaces({ DeviceIndex: 1 }), "InvalidParameterValue", /deviceIndex 0/],
		[
			"with interfaces in two zones",
			interfaces({ DeviceIndex: 0, SubnetId: PLAIN }, { DeviceIndex: 1, SubnetId: SMALL }),
			"InvalidParameterValue",
			/us-west-2c/,
		],
		[
			"with an address that somebody has",
			{ SubnetId: PLAIN, PrivateIpAddress: "10.0.1.10" },
			"InvalidIPAddress.InUse",
			/10\.0\.1\.10 is i-0a0a0a0a0a0a0a0a0's/,
		],
		[
			"with an address of another subnet",
			{ SubnetId: PLAIN, PrivateIpAddress: "10.0.2.10" },
			"InvalidParameterValue",
			/10\.0\.2\.10 .*10\.0\.1\.0\/24/,
		],
		["with an address that is none", { SubnetId: PLAIN, PrivateIpAddress: "10.0.1" }, "InvalidParameterValue", /10\.0\.1/],
		["with one address for two", { SubnetId: PLAIN, PrivateIpAddress: "10.0.1.11", MinCount: 2, MaxCount: 2 }, "InvalidIPAddress.InUse"],
		[
			"with an IPv4 address where there is only IPv6",
			{ SubnetId: SIX_ONLY, PrivateIpAddress: "10.0.1.12" },
			"InvalidParameterValue",
			/IPv6 only/,
		],
		["with IPv6 addresses where there are none", { SubnetId: PLAIN, Ipv6AddressCount: 1 }, "InvalidParameterValue", /no IPv6/],
		[
			"with an IPv6 address of another network",
			{ SubnetId: DUAL, Ipv6Addresses: [{ Ipv6Address: "2001:db8::1" }] },
			"InvalidParameterValue",
			/2001:db8::1/,
		],
		["of more instances than there are addresses", { SubnetId: SMALL, MinCount: 1, MaxCount: 12 }, "InsufficientFreeAddressesInSubnet"],
		["with an interface before the first", interfaces({ DeviceIndex: 0 }, { DeviceIndex: -5 }), "InvalidParameterValue", /-5.*DeviceIndex/],
		[
			"with more addresses than an interface has",
			interfaces({ DeviceIndex: 0, SecondaryPrivateIpAddressCount: 100_000 }),
			"InvalidParameterValue",
			/SecondaryPrivateIpAddressCount/,
		],
		["with fewer addresses than none", { Ipv6AddressCount: -5 }, "InvalidParameterValue", /Ipv6AddressCount/],
		["in a partition that is none", { Placement: { PartitionNumber: -7 } }, "InvalidParameterValue", /PartitionNumber/],
		["with texts that fill the store", { KernelId: "k".repeat(200_000) }, "InvalidParameterValue", /at most/],
		["in a zone of another Region", { Placement: { AvailabilityZone: "eu-central-1a" } }, "InvalidParameterValue", /eu-central-1a/],
		["in a zone that is none", { Placement: { AvailabilityZone: "us-west-2z" } }, "InvalidParameterValue", /us-west-2z/],
		["in a zone that has no such id", { Placement: { AvailabilityZoneId: "mars-az1" } }, "InvalidParameterValue", /mars-az1/],
		[
			"in another zone than its subnet's",
			{ SubnetId: PLAIN, Placement: { AvailabilityZone: "us-west-2a" } },
			"InvalidParameterValue",
			/us-west-2b/,
		],
		["for a market that is none", spotFor("flea"), "InvalidParameterValue", /flea/],
		["with tags for what it does not make", tags("vpc", "a"), "InvalidParameterValue", /'vpc' is not a valid taggable resource type/],
		["with a reserved tag", tags("instance", "aws:a"), "InvalidParameterValue", /'aws:'/],
		["with a tag twice", tags("instance", "a", "a"), "InvalidParameterValue", /'a'/],
		["with more tags than 50", tags("instance", ...Array.from({ length: 51 }, (_, index) => `k${index}`)), "TagLimitExceeded"],
		[
			"with a tag that the metadata can't have",
			{ ...tags("instance", "a b"), MetadataOptions: { InstanceMetadataTags: "enabled" } },
			"InvalidParameterValue",
			/^'a b' is not a valid tag key\./,
		],
		[
			"with a device without a name",
			{ BlockDeviceMappings: [{ VirtualName: "ephemeral0" }] },
			"MissingParameter",
			/BlockDeviceMapping\.1\.DeviceName/,
		],
		[
			"with a hop limit of 0 (C8)",
			{ MetadataOptions: { HttpPutResponseHopLimit: 0 } },
			"InvalidParameterValue",
			"A value of '0' is not valid for HttpPutResponseHopLimit. Specify a value between 1 and 64 and try again.",
		],
		["with a hop limit of 65 (C8)", { MetadataOptions: { HttpPutResponseHopLimit: 65 } }, "InvalidParameterValue"],
		[
			"with tokens of a kind that is none (C9)",
			{ MetadataOptions: { HttpTokens: "bogus" as "optional" } },
			"InvalidParameterValue",
			"A value of 'bogus' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.",
		],
		["from a template that is none", { LaunchTemplate: { LaunchTemplateName: "nobody" } }, "InvalidLaunchTemplateName.NotFoundException"],
	];
	for (const [name, input, code, message] of cases) {
		test(`${name}: ${code}`, async () => {
			const told = await refused(input, code);
			if (typeof message === "string") assert.equal(told, message);
			else if (message !== undefined) assert.match(told, message);
		});
	}

	test("without its counts, which no SDK would leave out", async () => {
		for (const missing of ["MinCount", "MaxCount"]) {
			const form = ec2Form("RunInstances", `ImageId=${ImageId}&${missing === "MinCount" ? "MaxCount" : "MinCount"}=1`);
			const { code, message } = refusalOf(await send(api, await signed(api, { body: form })));
			assert.deepEqual({ code, message }, { code: "MissingParameter", message: `The request must contain the parameter ${missing}` });
		}
	});

	test("and nothing is left of it", async () => {
		assert.deepEqual(await instanceIds(ec2), ["i-0a0a0a0a0a0a0a0a0"]);
		// All addresses of the small subnet are free again.
		await ec2.send(new RunInstancesCommand({ ImageId, SubnetId: SMALL, MinCount: 11, MaxCount: 11 }));
	});
});

describe("an instance that was launched", async () => {
	const { ec2, service } = await startApi({ after }, AT_ONCE);

	test("is as it was asked for, and its metadata say the same", async () => {
		const { InstanceId } = await launchOne(ec2, {
			InstanceType: "c5.large",
			KeyName: "a-key",
			SubnetId: PLAIN,
			PrivateIpAddress: "10.0.1.20",
			SecurityGroupIds: ["sg-0000000000000000a", "sg-0000000000000000b"],
			IamInstanceProfile: { Name: "profile" },
			UserData: Buffer.from("#!/bin/sh\necho hello\n").toString("base64"),
			KernelId: "aki-12345678",
			RamdiskId: "ari-12345678",
			Placement: { Tenancy: "dedicated", GroupName: "rack", PartitionNumber: 3 },
			PrivateDnsNameOptions: { HostnameType: "resource-name" },
			MetadataOptions: { HttpTokens: "optional", HttpPutResponseHopLimit: 7, InstanceMetadataTags: "enabled" },
			TagSpecifications: [
				{
					ResourceType: "instance",
					Tags: [
						{ Key: "Name", Value: "web" },
						{ Key: "empty", Value: "" },
					],
				},
				{ ResourceType: "volume", Tags: [{ Key: "of", Value: "volume" }] },
			],
		});
		const instance = await untilState(ec2, InstanceId, "running");
		assert.equal(instance.InstanceType, "c5.large");
		assert.equal(instance.KeyName, "a-key");
		assert.equal(instance.SubnetId, PLAIN);
		assert.equal(instance.VpcId, "vpc-0000000000000000a");
		assert.equal(instance.PrivateIpAddress, "10.0.1.20");
		assert.deepEqual(
			instance.SecurityGroups?.map(({ GroupName }) => GroupName),
			["web", "db"],
		);
		assert.equal(instance.IamInstanceProfile?.Arn, PROFILE_ARN);
		assert.deepEqual(instance.MetadataOptions, {
			State: "applied",
			HttpTokens: "optional",
			HttpPutResponseHopLimit: 7,
			HttpEndpoint: "enabled",
			HttpProtocolIpv6: "disabled",
			InstanceMetadataTags: "enabled",
		});
		const { GroupName, PartitionNumber, Tenancy, AvailabilityZone } = instance.Placement ?? {};
		assert.deepEqual([GroupName, PartitionNumber, Tenancy, AvailabilityZone], ["rack", 3, "dedicated", "us-west-2b"]);
		assert.deepEqual(instance.Tags, [
			{ Key: "Name", Value: "web" },
			{ Key: "empty", Value: "" },
			{ Key: "aws:openimds:endpoint", Value: endpointOf(instance) },
		]);

		const url = endpointOf(instance);
		const told = async (path: string) => (await metadata(url, path)).text;
		assert.equal(await told("meta-data/instance-id"), InstanceId);
		assert.equal(await told("meta-data/instance-type"), "c5.large");
		assert.equal(await told("meta-data/ami-id"), instance.ImageId);
		assert.equal(await told("meta-data/kernel-id"), "aki-12345678");
		assert.equal(await told("meta-data/ramdisk-id"), "ari-12345678");
		assert.equal(await told("meta-data/local-ipv4"), "10.0.1.20");
		assert.equal(await told("meta-data/security-groups"), "web\ndb");
		assert.equal(await told("meta-data/placement/availability-zone"), "us-west-2b");
		assert.equal(await told("meta-data/placement/group-name"), "rack");
		assert.equal(await told("meta-data/placement/partition-number"), "3");
		assert.equal(await told("meta-data/reservation-id"), (await reservationOf(ec2, InstanceId)) ?? "none");
		assert.match(await told("meta-data/public-keys/0/openssh-key"), /^ssh-ed25519 .* a-key\n?$/);
		assert.match(await told("meta-data/local-hostname"), new RegExp(`^${InstanceId}\\.us-west-2\\.compute\\.internal$`));
		assert.equal(await told("meta-data/tags/instance"), "Name\nempty");
		assert.equal(await told("meta-data/tags/instance/Name"), "web");
		assert.equal(await told("user-data"), "#!/bin/sh\necho hello\n");
		assert.equal((JSON.parse(await told("meta-data/iam/info")) as { InstanceProfileArn: string }).InstanceProfileArn, PROFILE_ARN);
		assert.equal(await told("meta-data/iam/security-credentials/"), "role");
	});

	test("has a profile by its ARN, too", async () => {
		assert.equal((await launchOne(ec2, { IamInstanceProfile: { Arn: PROFILE_ARN } })).IamInstanceProfile?.Arn, PROFILE_ARN);
	});

	test("has user data as long as the longest, in base64 with line breaks and without its end, byte for byte", async () => {
		const bytes = Buffer.from(Array.from({ length: 16_384 }, (_, index) => index % 256));
		const lines = bytes
			.toString("base64")
			.replace(/={1,2}$/, "")
			.replaceAll(/(.{76})/g, "$1\n");
		const instance = await launchOne(ec2, { UserData: lines, MetadataOptions: { HttpTokens: "optional" } });
		const answer = await fetch(`${endpointOf(instance)}/latest/user-data`);
		assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
	});

	test("is one of several in a reservation, each with an address, an index and an endpoint of its own", async () => {
		const { ReservationId, Instances = [] } = await ec2.send(
			new RunInstancesCommand({ ImageId: await firstImageId(ec2), MinCount: 2, MaxCount: 5, MetadataOptions: { HttpTokens: "optional" } }),
		);
		assert.deepEqual(
			Instances.map(({ AmiLaunchIndex }) => AmiLaunchIndex),
			[0, 1, 2, 3, 4],
		);
		assert.equal(new Set(Instances.map(({ PrivateIpAddress }) => PrivateIpAddress)).size, 5);
		assert.equal(new Set(Instances.map(endpointOf)).size, 5);
		for (const instance of Instances) {
			assert.equal((await metadata(endpointOf(instance), "meta-data/instance-id")).text, instance.InstanceId);
			assert.equal((await metadata(endpointOf(instance), "meta-data/ami-launch-index")).text, String(instance.AmiLaunchIndex));
			assert.equal((await metadata(endpointOf(instance), "meta-data/reservation-id")).text, ReservationId);
		}
	});

	test("has IPv6 addresses where it asks for some, and one where there is nothing else", async () => {
		const addresses = (instance: Awaited<ReturnType<typeof launchOne>>) =>
			instance.NetworkInterfaces?.[0]?.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address) ?? [];
		const three = addresses(await launchOne(ec2, { SubnetId: DUAL, Ipv6AddressCount: 3 }));
		assert.equal(new Set(three).size, 3);
		for (const address of three) assert.match(address ?? "", new RegExp(`^${SIX}:`));
		const named = await launchOne(ec2, { SubnetId: DUAL, Ipv6Addresses: [{ Ipv6Address: `${SIX}:0:0:0:7` }] });
		assert.deepEqual(addresses(named), [`${SIX}::7`]);
		await rejectsWith(launchOne(ec2, { SubnetId: DUAL, Ipv6Addresses: [{ Ipv6Address: `${SIX}::7` }] }), "InvalidIPAddress.InUse");
		const only = await launchOne(ec2, { SubnetId: SIX_ONLY });
		assert.equal(addresses(only).length, 1);
		assert.equal(only.PrivateIpAddress, undefined);
	});

	test("has the interfaces that it lists, with their addresses and groups", async () => {
		const { NetworkInterfaces = [] } = await launchOne(ec2, {
			NetworkInterfaces: [
				{ DeviceIndex: 1, SubnetId: DUAL, SecondaryPrivateIpAddressCount: 2, Groups: ["sg-0000000000000000b"] },
				{
					DeviceIndex: 0,
					SubnetId: PLAIN,
					AssociatePublicIpAddress: true,
					Description: "the first",
					PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.31" }, { PrivateIpAddress: "10.0.1.30", Primary: true }],
				},
			],
		});
		const [first, other] = NetworkInterfaces.toSorted((a, b) => (a.Attachment?.DeviceIndex ?? 0) - (b.Attachment?.DeviceIndex ?? 0));
		assert.equal(first?.Description, "the first");
		assert.equal(first?.PrivateIpAddress, "10.0.1.30");
		assert.deepEqual(
			first?.PrivateIpAddresses?.map(({ PrivateIpAddress, Primary }) => [PrivateIpAddress, Primary]),
			[
				["10.0.1.30", true],
				["10.0.1.31", false],
			],
		);
		assert.match(first?.Association?.PublicIp ?? "", /^\d+\.\d+\.\d+\.\d+$/);
		assert.equal(other?.PrivateIpAddresses?.length, 3);
		assert.deepEqual(
			other?.Groups?.map(({ GroupName }) => GroupName),
			["db"],
		);
	});

	test("gives its addresses back when it ends", async () => {
		const { InstanceId } = await launchOne(ec2, { SubnetId: PLAIN, PrivateIpAddress: "10.0.1.40" });
		await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
		await untilState(ec2, InstanceId, "terminated");
		assert.equal((await launchOne(ec2, { SubnetId: PLAIN, PrivateIpAddress: "10.0.1.40" })).PrivateIpAddress, "10.0.1.40");
	});

	test("shows what has no effect here as it was given", async () => {
		const { InstanceId } = await launchOne(ec2, {
			CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 },
			EnclaveOptions: { Enabled: true },
			EbsOptimized: true,
			HibernationOptions: { Configured: true },
			MaintenanceOptions: { AutoRecovery: "disabled" },
			CapacityReservationSpecification: { CapacityReservationPreference: "none" },
			LicenseSpecifications: [{ LicenseConfigurationArn: "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-1" }],
			PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true },
			NetworkPerformanceOptions: { BandwidthWeighting: "vpc-1" },
			Monitoring: { Enabled: true },
			CreditSpecification: { CpuCredits: "unlimited" },
			AdditionalInfo: "ignored",
			ElasticInferenceAccelerators: [{ Type: "eia1.medium" }],
			EnablePrimaryIpv6: false,
			InstanceInitiatedShutdownBehavior: "terminate",
		});
		const instance = await describeOne(ec2, InstanceId);
		assert.deepEqual(instance.CpuOptions, { CoreCount: 2, ThreadsPerCore: 1 });
		assert.deepEqual(instance.EnclaveOptions, { Enabled: true });
		assert.equal(instance.EbsOptimized, true);
		assert.deepEqual(instance.HibernationOptions, { Configured: true });
		assert.equal(instance.MaintenanceOptions?.AutoRecovery, "disabled");
		assert.equal(instance.CapacityReservationSpecification?.CapacityReservationPreference, "none");
		assert.match(instance.Licenses?.[0]?.LicenseConfigurationArn ?? "", /lic-1$/);
		assert.equal(instance.PrivateDnsNameOptions?.EnableResourceNameDnsARecord, true);
		assert.equal(instance.NetworkPerformanceOptions?.BandwidthWeighting, "vpc-1");
		assert.equal(instance.Monitoring?.State, "enabled");
	});

	test("takes a template's tags, and the request's where both have one", async () => {
		const tags = (...pairs: readonly (readonly [string, string])[]) => [
			{ ResourceType: "instance" as const, Tags: pairs.map(([Key, Value]) => ({ Key, Value })) },
		];
		await ec2.send(
			new CreateLaunchTemplateCommand({
				LaunchTemplateName: "tagged",
				LaunchTemplateData: { InstanceType: "m5.large", TagSpecifications: tags(["a", "template"], ["b", "template"]) },
			}),
		);
		const { InstanceType, Tags = [] } = await launchOne(ec2, {
			LaunchTemplate: { LaunchTemplateName: "tagged" },
			TagSpecifications: tags(["b", "request"], ["c", "request"]),
		});
		assert.equal(InstanceType, "m5.large");
		const own = Tags.filter(({ Key }) => Key !== "aws:openimds:endpoint").map(({ Key, Value }) => [Key, Value] as const);
		assert.deepEqual(Object.fromEntries(own), { a: "template", b: "request", c: "request" });
	});

	test("is listed by the command line, with where it is asked", async () => {
		const instance = await launchOne(ec2);
		const { stdout } = await openimds(["instances", "--json", "--data-dir", service.dataDir]);
		const listed = (JSON.parse(stdout) as { instanceId: string; listeners: string[] }[]).find(
			({ instanceId }) => instanceId === instance.InstanceId,
		);
		assert.deepEqual(listed?.listeners, [endpointOf(instance).replace("http://", "")]);
	});
});

async function reservationOf(ec2: EC2Client, instanceId: string): Promise<string | undefined> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
	return Reservations[0]?.ReservationId;
}
