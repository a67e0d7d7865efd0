// Specifications of instances of every shape, for properties.

import fc from "fast-check";
import type { InstanceSpec } from "../../src/model/launch.ts";
import type { InterfaceSpec } from "../../src/model/launch-network.ts";
import { nthAddress, type Subnet } from "../../src/model/network.ts";
import { timestamp } from "../../src/model/timestamp.ts";
import { anyText } from "./any-text.ts";
import { newWorld, NOW_MS, PROFILES, type TestWorld } from "./world.ts";

const TEXT = anyText(40);

const TAG_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+=,.@:";

/** Keys that metadata can show, those that look like something else among them. */
const TAG_KEY = fc
	.oneof(
		{ weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...TAG_CHARACTERS), minLength: 1, maxLength: 20 }) },
		fc.constantFrom(
			"Name",
			"aws:autoscaling:groupName",
			"instance",
			"...",
			"-",
			"latest",
			"0=",
			"__proto__",
			"constructor",
			"k".repeat(255),
		),
	)
	.filter((key) => ![".", "..", "_index"].includes(key));

/** A moment of the last and the next ten days. */
const MOMENT = fc.integer({ min: -864_000, max: 864_000 }).map((seconds) => timestamp(NOW_MS + seconds * 1000));

const EVENT = fc.record(
	{
		eventId: fc.stringMatching(/^instance-event-[0-9a-f]{17}$/),
		code: fc.constantFrom("instance-reboot", "system-reboot", "system-maintenance", "instance-retirement", "instance-stop"),
		description: TEXT,
		notBefore: MOMENT,
		notAfter: MOMENT,
		notBeforeDeadline: MOMENT,
		state: fc.constantFrom("active", "completed", "canceled"),
	},
	{ requiredKeys: ["eventId", "code", "description", "notBefore", "state"] },
);

const MANAGED_SSH_KEYS = fc.record({
	signerCert: fc.constantFrom("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----"),
	signerOcsp: fc.uniqueArray(fc.record({ fingerprint: fc.stringMatching(/^[0-9a-f]{40}$/), response: fc.constant("MIIB") }), {
		maxLength: 3,
		selector: ({ fingerprint }) => fingerprint,
	}),
	activeKeys: fc.uniqueArray(
		fc.record({ user: fc.stringMatching(/^[a-z][a-z-]{0,5}$/), key: fc.constant("ssh-rsa AAAA\n"), expiresAt: MOMENT }),
		{
			maxLength: 3,
			selector: ({ user }) => user,
		},
	),
});

const DEVICES = fc.uniqueArray(
	fc.record(
		{
			deviceName: fc.constantFrom("/dev/xvda", "/dev/sda1", "sda1", "/dev/sdf", "sdg", "/dev/xvdh", "/dev/nvme1n1"),
			virtualName: fc.constantFrom("ephemeral0", "ephemeral1", "ephemeral23", "swap"),
		},
		{ requiredKeys: ["deviceName"] },
	),
	{ comparator: (a, b) => a.deviceName === b.deviceName || (a.virtualName !== undefined && a.virtualName === b.virtualName) },
);

const TAGS = fc.uniqueArray(fc.record({ key: TAG_KEY, value: TEXT }), { maxLength: 8, selector: ({ key }) => key });

const PLACEMENT = fc.record(
	{
		groupName: fc.constant("my-cluster"),
		partitionNumber: fc.integer({ min: 1, max: 7 }),
		hostId: fc.constant("h-0da999999f9999fb9"),
		outpostArn: fc.constant("arn:aws:outposts:us-east-1:123456789012:outpost/op-0123456789abcdef0"),
	},
	{ requiredKeys: [] },
);

const PROFILE = fc.oneof(
	fc.record({ name: fc.constantFrom(...PROFILES) }),
	fc.constant({ arn: "arn:aws:iam::123456789012:instance-profile/gone" }),
);

const SPOT_NOTICES = fc.record(
	{
		spotInterruption: fc.record({ action: fc.constantFrom("terminate", "stop", "hibernate"), time: MOMENT }),
		rebalanceRecommendation: fc.record({ noticeTime: MOMENT }),
	},
	{ requiredKeys: [] },
);

const LIFE_CYCLE: fc.Arbitrary<Pick<InstanceSpec, "instanceLifecycle" | "spotInterruption" | "rebalanceRecommendation">> = fc.oneof(
	fc.record({ instanceLifecycle: fc.constantFrom("on-demand", "scheduled", "capacity-block") }),
	SPOT_NOTICES.map((notices) => ({ instanceLifecycle: "spot" as const, ...notices })),
	fc.constant({}),
);

/** What one interface says of itself. Its addresses are in the `index`-th hundred of its subnet, so that interfaces do not meet. */
function anyInterface(subnet: Subnet, index: number, world: TestWorld): fc.Arbitrary<InterfaceSpec> {
	const places = fc.uniqueArray(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 4 });
	const blocks = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 });
	const { cidrBlock, ipv6CidrBlocks } = subnet;
	const [ipv6Block] = ipv6CidrBlocks;
	const groups = [...world.securityGroups.values()].filter(({ vpcId }) => vpcId === subnet.vpcId).map(({ groupId }) => groupId);
	const offset = (place: number) => BigInt(index * 100 + place);
	return fc.record(
		{
			subnetId: fc.constant(subnet.subnetId),
			networkCardIndex: fc.nat(3),
			groups: fc.shuffledSubarray(groups, { minLength: 1 }),
			...(cidrBlock !== undefined && {
				privateIpAddresses: fc.tuple(places, fc.boolean()).map(([all, isPublic]) =>
					all.map((place) => ({
						privateIpAddress: nthAddress(cidrBlock, offset(place)),
						...(isPublic ? { publicIp: nthAddress("198.51.100.0/22", offset(place)) } : {}),
					})),
				),
				associatePublicIpAddress: fc.boolean(),
				ipv4Prefixes: blocks.map((all) => all.map((block) => `${nthAddress(cidrBlock, BigInt(1024 + index * 160 + block * 16))}/28`)),
			}),
			...(ipv6Block !== undefined && {
				ipv6Addresses: places.map((all) => all.map((place) => nthAddress(ipv6Block, offset(place)))),
				ipv6Prefixes: blocks.map((all) => all.map((block) => `${nthAddress(ipv6Block, BigInt(1 + index * 10 + block) << 48n)}/80`)),
			}),
		},
		{ requiredKeys: ["subnetId"] },
	);
}

/** One to four interfaces in a zone, their indices in any order and with gaps. */
function anyInterfaces(world: TestWorld): fc.Arbitrary<readonly InterfaceSpec[]> {
	const zone = `${world.account.region}a`;
	const subnets = [...world.subnets.values()].filter(
		({ availabilityZone, subnetId }) => availabilityZone === zone && subnetId !== "subnet-tiny",
	);
	const deviceIndices = fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { maxLength: 3 });
	return fc
		.tuple(fc.array(fc.constantFrom(...subnets), { minLength: 4, maxLength: 4 }), deviceIndices, fc.boolean())
		.chain(([chosen, others, primaryLast]) => {
			const indices = primaryLast ? [...others, 0] : [0, ...others];
			return fc.tuple(
				...indices.map((deviceIndex, index) => anyInterface(chosen[index]!, index, world).map((spec) => ({ ...spec, deviceIndex }))),
			);
		});
}

/** Any instance that {@link newWorld} can launch. */
export function anySpec(world: TestWorld = newWorld()): fc.Arbitrary<InstanceSpec> {
	const network = fc.oneof(
		anyInterfaces(world).map((networkInterfaces) => ({ networkInterfaces })),
		fc.record({ associatePublicIpAddress: fc.boolean() }, { requiredKeys: [] }),
	);
	const facts = fc.record(
		{
			instanceId: fc.stringMatching(/^i-[0-9a-f]{17}$/),
			imageId: fc.constantFrom(...world.images.keys()),
			instanceType: fc.constantFrom("t3.micro", "m5.large", "p4d.24xlarge"),
			launchTime: fc.integer({ min: 0, max: 864_000 }).map((seconds) => timestamp(NOW_MS - seconds * 1000)),
			amiLaunchIndex: fc.nat(9),
			placement: PLACEMENT,
			privateDnsNameOptions: fc.record({ hostnameType: fc.constantFrom("ip-name", "resource-name") }),
			metadataOptions: fc.record(
				{ instanceMetadataTags: fc.constantFrom("enabled", "disabled"), httpTokens: fc.constantFrom("optional", "required") },
				{ requiredKeys: [] },
			),
			tags: TAGS,
			iamInstanceProfile: PROFILE,
			keyName: fc.constantFrom(...world.keyPairs.keys()),
			userData: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64")),
			blockDeviceMappings: DEVICES,
			system: fc.constantFrom("nitro", "xen", "xen-on-nitro"),
			instanceAction: fc.constantFrom("none", "shutdown", "bundle-pending"),
			scheduledEvents: fc.array(EVENT, { maxLength: 4 }),
			autoScalingTargetState: fc.constantFrom("InService", "Warmed:Stopped"),
			hibernationOptions: fc.record({ configured: fc.boolean() }),
			monitoring: fc.constantFrom("enabled", "disabled"),
			elasticGpus: fc.constant([{ elasticGpuId: "egpu-1", elasticGpuType: "eg1.medium", ipv4Address: "10.0.0.5", port: 2007 }]),
			elasticInferenceAccelerators: fc.constant([
				{ elasticInferenceAcceleratorId: "eia-1", elasticInferenceAcceleratorType: "eia1.medium" },
			]),
			managedSshKeys: MANAGED_SSH_KEYS,
		},
		{ requiredKeys: ["instanceId"] },
	);
	// A clone, because fast-check makes objects without a prototype.
	return fc.tuple(facts, network, LIFE_CYCLE).map((parts) => structuredClone(Object.assign({}, ...parts) as InstanceSpec));
}
