// A world with something of every kind in it, for instances of every shape, and what stands between one of them and its metadata.

import { createIdentityKeys } from "../../src/identity/identity-keys.ts";
import { CredentialIssuer } from "../../src/identity/role-credentials.ts";
import { nextRefreshMs } from "../../src/metadata/credentials.ts";
import { Snapshot } from "../../src/metadata/snapshot.ts";
import type { View } from "../../src/metadata/view.ts";
import type { Account } from "../../src/model/account.ts";
import { defaultNetwork } from "../../src/model/default-network.ts";
import type { Role } from "../../src/model/iam.ts";
import type { Image } from "../../src/model/image.ts";
import type { Instance } from "../../src/model/instance.ts";
import { type InstanceSpec, launch, type World } from "../../src/model/launch.ts";
import type { SecurityGroup, Subnet, Vpc } from "../../src/model/network.ts";

export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Made once: the keys take as long as all the rest. */
export const IDENTITY_KEYS = await createIdentityKeys();
export const ISSUER = new CredentialIssuer(Buffer.alloc(32, "test"));

export interface TestWorld extends World {
	readonly roles: ReadonlyMap<string, Role>;
}

const PLAIN: Image = {
	imageId: "ami-0abcdef1234567890",
	name: "plain",
	architecture: "x86_64",
	rootDeviceName: "/dev/xvda",
	blockDeviceMappings: [{ deviceName: "/dev/xvda" }],
	virtualizationType: "hvm",
	productCodes: [],
	billingProducts: [],
	ancestorImageIds: [],
};

const IMAGES: readonly Image[] = [
	PLAIN,
	{ ...PLAIN, imageId: "ami-0a1b2c3d4e5f67890", name: "imds", architecture: "arm64", imdsSupport: "v2.0" },
	{
		...PLAIN,
		imageId: "ami-0fedcba9876543210",
		name: "paravirtual",
		architecture: "i386",
		rootDeviceName: "/dev/sda1",
		virtualizationType: "paravirtual",
		kernelId: "aki-5c21674b",
		ramdiskId: "ari-01bb5768",
		manifestPath: "bucket/image.manifest.xml",
		ancestorImageIds: ["ami-11111111", "ami-22222222"],
		productCodes: ["3iplms73etrdhxdepv72l6ywj", "aw0evgkw8e5c1q413zgy5pjce"],
		billingProducts: ["bp-6fa54006", "bp-63a5400a"],
		blockDeviceMappings: [
			{ deviceName: "/dev/sda1" },
			{ deviceName: "/dev/sdf" },
			{ deviceName: "sdg" },
			{ deviceName: "/dev/sdb", virtualName: "ephemeral0" },
			{ deviceName: "sda3", virtualName: "swap" },
		],
	},
];

const ROLES: readonly Role[] = [
	{ roleName: "web-role", roleId: "AROAWEBWEBWEBWEBWEB11", path: "/" },
	{ roleName: "own=keys,+@.", roleId: "AROAOWNOWNOWNOWNOWN11", path: "/team/", credentials: ownCredentials() },
	{
		roleName: "of-lambda",
		roleId: "AROALAMBDALAMBDALAM11",
		path: "/",
		assumeRolePolicyDocument: { Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" } },
	},
];

/** The profiles' names, less the one that only an ARN leads to. */
export const PROFILES = ["web", "own", "distrusted", "empty"];

/** An account with its default network, a VPC with both families in subnets of every kind, and one without host names. */
export function newWorld(overrides: Partial<Account> = {}): TestWorld {
	const account: Account = { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {}, ...overrides };
	const { vpc, subnets, securityGroup } = defaultNetwork(account);
	const zone = `${account.region}a`;
	const vpcs: readonly Vpc[] = [
		vpc,
		{
			vpcId: "vpc-dual",
			cidrBlocks: ["10.0.0.0/16", "10.1.0.0/16"],
			ipv6CidrBlocks: ["2001:db8:1234:1a00::/56"],
			enableDnsHostnames: true,
		},
		{ vpcId: "vpc-nameless", cidrBlocks: ["192.168.0.0/16"], ipv6CidrBlocks: [], enableDnsHostnames: false },
	];
	const ofDual = { vpcId: "vpc-dual", availabilityZone: zone, ipv6CidrBlocks: [], mapPublicIpOnLaunch: false };
	const others: readonly Subnet[] = [
		{ ...ofDual, subnetId: "subnet-dual", cidrBlock: "10.0.0.0/20", ipv6CidrBlocks: ["2001:db8:1234:1a00::/64"] },
		{ ...ofDual, subnetId: "subnet-v6", ipv6CidrBlocks: ["2001:db8:1234:1a01::/64", "2001:db8:1234:1a02::/64"] },
		{ ...ofDual, subnetId: "subnet-large", cidrBlock: "10.1.0.0/16", mapPublicIpOnLaunch: true },
		{ ...ofDual, subnetId: "subnet-tiny", cidrBlock: "10.0.16.0/28" },
		{ ...ofDual, subnetId: "subnet-zone-b", cidrBlock: "10.0.32.0/20", availabilityZone: `${account.region}b` },
		{ ...ofDual, subnetId: "subnet-nameless", vpcId: "vpc-nameless", cidrBlock: "192.168.0.0/20", mapPublicIpOnLaunch: true },
	];
	const groups: readonly SecurityGroup[] = [
		securityGroup,
		{ groupId: "sg-dual", groupName: "default", vpcId: "vpc-dual" },
		{ groupId: "sg-web", groupName: "web servers (80, 443)", vpcId: "vpc-dual" },
		{ groupId: "sg-nameless", groupName: "launch-wizard-4", vpcId: "vpc-nameless" },
	];
	const profile = (name: string, path: string, roleName?: string) =>
		({
			instanceProfileName: name,
			instanceProfileId: "AIPAEXAMPLEEXAMPLE123",
			path,
			...(roleName === undefined ? {} : { roleName }),
		}) as const;
	return {
		account,
		images: byId(IMAGES, ({ imageId }) => imageId),
		defaultImageId: PLAIN.imageId,
		roles: byId(ROLES, ({ roleName }) => roleName),
		instanceProfiles: byId(
			[
				profile("web", "/", "web-role"),
				profile("own", "/team/", "own=keys,+@."),
				profile("distrusted", "/", "of-lambda"),
				profile("empty", "/"),
			],
			({ instanceProfileName }) => instanceProfileName,
		),
		keyPairs: byId(
			[
				{ keyName: "my-public-key", publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample my-public-key" },
				{ keyName: "0=odd key/name", publicKey: "ssh-rsa AAAAB3NzaC1yc2Eexample Zoë" },
			],
			({ keyName }) => keyName,
		),
		vpcs: byId(vpcs, ({ vpcId }) => vpcId),
		subnets: byId([...subnets, ...others], ({ subnetId }) => subnetId),
		securityGroups: byId(groups, ({ groupId }) => groupId),
		addresses: new Map(),
	};
}

/** An instance of a world in which it is the only one. */
export function launchAlone(spec: InstanceSpec, world: TestWorld = newWorld(), nowMs = NOW_MS): Instance {
	return launch(spec, { ...world, addresses: new Map() }, nowMs);
}

/** What an instance's metadata is told from. */
export function viewOf(instance: Instance, world: TestWorld = newWorld(), nowMs = NOW_MS): View {
	const name = instance.iamInstanceProfile?.arn.replace(/^.*\//, "");
	const profile = name === undefined ? undefined : world.instanceProfiles.get(name);
	return {
		instance,
		account: world.account,
		image: world.images.get(instance.imageId),
		interfaces: instance.networkInterfaces.map((one) => {
			const subnet = world.subnets.get(one.subnetId)!;
			return {
				...one,
				subnet,
				vpc: world.vpcs.get(subnet.vpcId)!,
				groups: one.groupIds.map((groupId) => world.securityGroups.get(groupId)!),
			};
		}),
		keyPairs: instance.keyNames.map((keyName) => world.keyPairs.get(keyName)!),
		profile,
		role: profile?.roleName === undefined ? undefined : world.roles.get(profile.roleName),
		identityKeys: IDENTITY_KEYS,
		issuer: ISSUER,
		nowMs,
	};
}

/** The metadata of a view. */
export function snapshotOf(view: View): Snapshot {
	return new Snapshot(view, nextRefreshMs(view));
}

/** Everything at once: the spec of an instance that has every category. */
export const MAXIMAL_SPEC: InstanceSpec = {
	instanceId: "i-1234567890abcdef0",
	imageId: "ami-0fedcba9876543210",
	instanceType: "m5.large",
	launchTime: "2026-01-01T00:00:00Z",
	placement: {
		groupName: "my-cluster",
		partitionNumber: 1,
		hostId: "h-0da999999f9999fb9",
		outpostArn: "arn:aws:outposts:us-east-1:123456789012:outpost/op-0123456789abcdef0",
	},
	metadataOptions: { instanceMetadataTags: "enabled" },
	tags: [
		{ key: "Name", value: "MyInstance" },
		{ key: "aws:autoscaling:groupName", value: "my-group" },
		{ key: "empty", value: "" },
	],
	iamInstanceProfile: { name: "web" },
	keyName: "my-public-key",
	networkInterfaces: [
		{
			subnetId: "subnet-dual",
			groups: ["sg-web", "sg-dual"],
			privateIpAddresses: [{ privateIpAddress: "10.0.0.12" }, { privateIpAddress: "10.0.0.70", publicIp: "198.51.100.9" }],
			publicIpAddress: "198.51.100.8",
			ipv6Addresses: ["2001:db8:1234:1a00::123", "2001:db8:1234:1a00::124"],
			ipv4Prefixes: ["10.0.1.16/28"],
			ipv6Prefixes: ["2001:db8:1234:1a00:abcd::/80"],
		},
		{ subnetId: "subnet-v6", networkCardIndex: 1 },
		{ subnetId: "subnet-dual" },
	],
	userData: Buffer.from("#!/bin/bash\necho hi").toString("base64"),
	instanceLifecycle: "spot",
	spotInterruption: { action: "terminate", time: "2026-01-02T03:06:00Z" },
	rebalanceRecommendation: { noticeTime: "2026-01-02T03:04:00Z" },
	scheduledEvents: [
		{
			eventId: "instance-event-0d59937288b749b32",
			code: "system-reboot",
			description: "scheduled reboot",
			notBefore: "2026-01-21T09:00:43Z",
			notAfter: "2026-01-21T09:17:23Z",
			state: "active",
		},
		{
			eventId: "instance-event-1d59937288b749b32",
			code: "instance-retirement",
			description: "retired",
			notBefore: "2025-01-01T09:00:43Z",
			state: "canceled",
		},
	],
	autoScalingTargetState: "InService",
	hibernationOptions: { configured: false },
	monitoring: "disabled",
	elasticGpus: [{ elasticGpuId: "egpu-0123456789abcdef0", elasticGpuType: "eg1.medium", ipv4Address: "10.0.0.5", port: 2007 }],
	elasticInferenceAccelerators: [
		{ elasticInferenceAcceleratorId: "eia-bfa21c7904f64a82a21b9f4540169ce1", elasticInferenceAcceleratorType: "eia1.medium" },
	],
	managedSshKeys: {
		signerCert: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
		signerOcsp: [{ fingerprint: "0123456789abcdef0123456789abcdef01234567", response: "MIIB" }],
		activeKeys: [
			{ user: "ec2-user", key: "#Timestamp=1767323000\nssh-rsa AAAA\nc2lnbmVk", expiresAt: "2026-01-02T03:05:00Z" },
			{ user: "gone", key: "ssh-rsa AAAA", expiresAt: "2026-01-02T03:04:05Z" },
		],
	},
};

/** The least there can be: nothing but an id, in a subnet that gives no public address. */
export const MINIMAL_SPEC: InstanceSpec = { instanceId: "i-0fedcba9876543210", associatePublicIpAddress: false };

function ownCredentials() {
	return { accessKeyId: "ASIAOWNOWNOWNOWNOWN1", secretAccessKey: "own/secret+key", sessionToken: "own-session-token" };
}

function byId<T>(things: readonly T[], idOf: (thing: T) => string): Map<string, T> {
	return new Map(things.map((thing) => [idOf(thing), thing]));
}
