import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { anySpec } from "../../test/categories/any-instance.ts";
import { launchAlone, newWorld, NOW_MS, type TestWorld } from "../../test/categories/world.ts";
import type { Instance } from "./instance.ts";
import { InvalidValue } from "./invalid-value.ts";
import { type InstanceSpec, launch } from "./launch.ts";
import type { InterfaceSpec } from "./launch-network.ts";
import { inCidr, type NetworkInterface, nthAddress } from "./network.ts";

const ID = "i-1234567890abcdef0";
const SUBNET = { subnetId: "subnet-dual" };

/** The interfaces of an instance that says this of its network. */
function attached(network: Omit<InstanceSpec, "instanceId">, world?: TestWorld): readonly NetworkInterface[] {
	return launchAlone({ instanceId: ID, ...network }, world).networkInterfaces;
}

/** The one interface of an instance that lists one. */
function only(spec: InterfaceSpec): NetworkInterface {
	const [first, ...others] = attached({ networkInterfaces: [spec] });
	assert.ok(first !== undefined && others.length === 0);
	return first;
}

function allAddresses({ networkInterfaces }: Instance, world: TestWorld): string[] {
	return networkInterfaces.flatMap(({ subnetId, privateIpAddresses, ipv6Addresses }) => [
		...privateIpAddresses.map(({ privateIpAddress }) => `${world.subnets.get(subnetId)?.vpcId}/${privateIpAddress}`),
		...privateIpAddresses.flatMap(({ publicIp }) => publicIp ?? []),
		...ipv6Addresses,
	]);
}

describe("what is left out", () => {
	test("an instance gets one interface in its zone's first subnet, with the VPC's first group and a public address", () => {
		const world = newWorld();
		const [subnet] = world.subnets.values();
		const [only, ...others] = attached({});
		assert.deepEqual(others, []);
		assert.partialDeepStrictEqual(only, {
			deviceIndex: 0,
			networkCardIndex: 0,
			subnetId: subnet?.subnetId,
			groupIds: [[...world.securityGroups.keys()][0]],
			ipv6Addresses: [],
			ipv4Prefixes: [],
			ipv6Prefixes: [],
		});
		assert.match(only?.networkInterfaceId ?? "", /^eni-[0-9a-f]{17}$/);
		assert.match(only?.macAddress ?? "", /^02(:[0-9a-f]{2}){5}$/);
		assert.ok(inCidr(only?.privateIpAddresses[0]?.privateIpAddress ?? "", subnet?.cidrBlock ?? ""));
		assert.match(only?.privateIpAddresses[0]?.publicIp ?? "", /^203\.0\.113\.\d+$/);
	});

	test("the zone decides the subnet, and the subnet the zone; device 0's, wherever it stands in the list", () => {
		assert.equal(attached({ placement: { availabilityZone: "us-east-1c" } })[0]?.subnetId, [...newWorld().subnets.keys()][2]);
		assert.equal(launchAlone({ instanceId: ID, subnetId: "subnet-zone-b" }).placement.availabilityZone, "us-east-1b");
		const networkInterfaces = [
			{ deviceIndex: 2 },
			{ subnetId: "subnet-zone-b", deviceIndex: 1 },
			{ subnetId: "subnet-zone-b", deviceIndex: 0 },
		];
		assert.equal(launchAlone({ instanceId: ID, networkInterfaces }).placement.availabilityZone, "us-east-1b");
		// The second has no index, so its index is 1: not device 0, although it is the first without one.
		const byPosition = [{ deviceIndex: 2 }, {}, { subnetId: "subnet-zone-b", deviceIndex: 0 }];
		assert.equal(launchAlone({ instanceId: ID, networkInterfaces: byPosition }).placement.availabilityZone, "us-east-1b");
	});

	test("a public address comes unasked where the subnet gives one and the interface is alone, and where it is asked for", () => {
		const isPublic = (network: Omit<InstanceSpec, "instanceId">) =>
			attached(network).map(({ privateIpAddresses }) => privateIpAddresses[0]?.publicIp !== undefined);
		assert.deepEqual(isPublic({}), [true]);
		assert.deepEqual(isPublic({ associatePublicIpAddress: false }), [false]);
		assert.deepEqual(isPublic(SUBNET), [false]);
		assert.deepEqual(isPublic({ ...SUBNET, associatePublicIpAddress: true }), [true]);
		assert.deepEqual(isPublic({ networkInterfaces: [{}, {}] }), [false, false]);
		assert.deepEqual(isPublic({ networkInterfaces: [{ associatePublicIpAddress: true }, {}] }), [true, false]);
		assert.deepEqual(isPublic({ publicIpAddress: "198.51.100.7" }), [true]);
	});

	test("an interface in an IPv6-only subnet has one IPv6 address and nothing of IPv4; one in a dual-stack subnet only what it names", () => {
		const v6 = only({ subnetId: "subnet-v6" });
		assert.deepEqual(v6.privateIpAddresses, []);
		assert.equal(v6.ipv6Addresses.length, 1);
		assert.ok(inCidr(v6.ipv6Addresses[0] ?? "", "2001:db8:1234:1a01::/64"));
		assert.deepEqual(only({ subnetId: "subnet-v6", ipv6Addresses: [] }).ipv6Addresses, []);
		assert.deepEqual(only({ subnetId: "subnet-v6", ipv6Addresses: ["2001:DB8:1234:1A02:0::5"] }).ipv6Addresses, ["2001:db8:1234:1a02::5"]);
		const dual = only(SUBNET);
		assert.deepEqual([dual.privateIpAddresses.length, dual.ipv6Addresses], [1, []]);
		assert.deepEqual(only({ ...SUBNET, ipv6Addresses: ["2001:db8:1234:1a00::5"] }).ipv6Addresses, ["2001:db8:1234:1a00::5"]);
	});
});

describe("what is said", () => {
	test("the primary address comes first, wherever it stands in the list", () => {
		const privateIpAddresses = [{ privateIpAddress: "10.0.0.5", publicIp: "198.51.100.5" }, { privateIpAddress: "10.0.0.6" }];
		assert.deepEqual(only({ ...SUBNET, privateIpAddresses }).privateIpAddresses, privateIpAddresses);
		assert.deepEqual(
			only({ ...SUBNET, privateIpAddresses, privateIpAddress: "10.0.0.6" }).privateIpAddresses,
			privateIpAddresses.toReversed(),
		);
		assert.deepEqual(only({ ...SUBNET, privateIpAddresses, privateIpAddress: "10.0.0.7" }).privateIpAddresses, [
			{ privateIpAddress: "10.0.0.7" },
			...privateIpAddresses,
		]);
		assert.deepEqual(only({ ...SUBNET, privateIpAddresses, publicIpAddress: "198.51.100.7" }).privateIpAddresses, [
			{ privateIpAddress: "10.0.0.5", publicIp: "198.51.100.7" },
			{ privateIpAddress: "10.0.0.6" },
		]);
	});

	test("ids, groups, cards and prefixes are taken as they are, in canonical form", () => {
		const spec = {
			...SUBNET,
			networkInterfaceId: "eni-0d6335689899ce9cc",
			macAddress: "0A:29:96:8F:6A:2D",
			networkCardIndex: 3,
			groups: ["sg-web", "sg-dual"],
			ipv4Prefixes: ["10.0.1.16/28"],
			ipv6Prefixes: ["2001:DB8:1234:1A00:ABCD::/80"],
		};
		const { groups: groupIds, ...same } = spec;
		const canonical = { macAddress: "0a:29:96:8f:6a:2d", ipv6Prefixes: ["2001:db8:1234:1a00:abcd::/80"] };
		assert.partialDeepStrictEqual(only(spec), { ...same, groupIds, ...canonical });
	});

	test("interfaces stand by device index, in whatever order and with whatever gaps they were listed", () => {
		const indices = attached({ networkInterfaces: [{ deviceIndex: 5 }, { deviceIndex: 0 }, {}] }).map(({ deviceIndex }) => deviceIndex);
		assert.deepEqual(indices, [0, 2, 5]);
	});

	test("an address that another interface names is not given out unasked", () => {
		const { networkInterfaces } = launchAlone({
			instanceId: ID,
			networkInterfaces: [{ ...SUBNET, associatePublicIpAddress: true }, SUBNET],
		});
		const [first] = networkInterfaces[0]?.privateIpAddresses ?? [];
		assert.ok(first?.publicIp !== undefined);
		const named = { ...SUBNET, privateIpAddresses: [{ privateIpAddress: first.privateIpAddress, publicIp: first.publicIp }] };
		const [moved, other] = attached({ networkInterfaces: [{ ...SUBNET, associatePublicIpAddress: true }, named] });
		assert.deepEqual(other?.privateIpAddresses, named.privateIpAddresses);
		assert.notEqual(moved?.privateIpAddresses[0]?.privateIpAddress, first.privateIpAddress);
		assert.notEqual(moved?.privateIpAddresses[0]?.publicIp, first.publicIp);
	});
});

describe("many instances in one world", () => {
	test("never share an address, and each address lies in its subnet", () => {
		fc.assert(
			fc.property(fc.uniqueArray(anySpec(), { minLength: 2, maxLength: 12, selector: ({ instanceId }) => instanceId }), (specs) => {
				const world = newWorld();
				const launched = specs.flatMap((spec) => {
					try {
						return [launch(spec, world, NOW_MS)];
					} catch (error) {
						// Two of them can name the same address; nothing else is wrong with them.
						assert.ok(error instanceof InvalidValue && error.message.endsWith("'s already"), String(error));
						return [];
					}
				});
				const addresses = launched.flatMap((instance) => allAddresses(instance, world));
				assert.equal(new Set(addresses).size, addresses.length);
				for (const { subnetId, privateIpAddresses, ipv6Addresses } of launched.flatMap(({ networkInterfaces }) => networkInterfaces)) {
					const { cidrBlock = "", ipv6CidrBlocks } = world.subnets.get(subnetId)!;
					for (const { privateIpAddress } of privateIpAddresses) assert.ok(inCidr(privateIpAddress, cidrBlock));
					for (const address of ipv6Addresses) assert.ok(ipv6CidrBlocks.some((block) => inCidr(address, block)));
				}
				for (const instance of launched) {
					for (const address of allAddresses(instance, world)) assert.equal(world.addresses.get(address), instance.instanceId);
				}
			}),
		);
	});

	test("fill a subnet to its last usable address, and then are refused", () => {
		const world = newWorld();
		const addressOf = (n: number) =>
			launch({ instanceId: `i-${n}`, subnetId: "subnet-tiny" }, world, NOW_MS).networkInterfaces[0]?.privateIpAddresses[0]
				?.privateIpAddress;
		const given = Array.from({ length: 11 }, (_, n) => addressOf(n));
		const usable = Array.from({ length: 11 }, (_, n) => nthAddress("10.0.16.0/28", BigInt(4 + n)));
		assert.deepEqual(new Set(given), new Set(usable));
		assert.throws(() => addressOf(11), /no free address left in 10\.0\.16\.0\/28/);
	});

	test("get public addresses of the second range when the first has few left or none", () => {
		const world = newWorld();
		const publicIps = Array.from({ length: 260 }, (_, n) => launch({ instanceId: `i-${n}` }, world, NOW_MS)).flatMap(
			({ networkInterfaces }) =>
				networkInterfaces.flatMap(({ privateIpAddresses }) => privateIpAddresses.flatMap(({ publicIp }) => publicIp ?? [])),
		);
		assert.equal(new Set(publicIps).size, 260);
		const ofFirst = publicIps.filter((address) => inCidr(address, "203.0.113.0/24")).length;
		assert.ok(ofFirst > 200 && ofFirst <= 254, `${ofFirst}`);
		assert.ok(publicIps.every((address) => inCidr(address, "203.0.113.0/24") || inCidr(address, "198.18.0.0/15")));
	});

	test("keep their addresses whoever is launched before them, as long as these are free and in the subnet", () => {
		const spec = { instanceId: ID, ...SUBNET, associatePublicIpAddress: true };
		const before = launchAlone(spec);
		const [kept] = before.networkInterfaces[0]?.privateIpAddresses ?? [];
		const relaunched = (world: TestWorld) => launch(spec, world, NOW_MS, before).networkInterfaces[0]?.privateIpAddresses[0];
		assert.deepEqual(relaunched(newWorld()), kept);
		const taken = newWorld();
		taken.addresses.set(`vpc-dual/${kept?.privateIpAddress}`, "i-other");
		const other = relaunched(taken);
		assert.notEqual(other?.privateIpAddress, kept?.privateIpAddress);
		assert.equal(other?.publicIp, kept?.publicIp);
		const world = newWorld();
		const smaller = { ...world.subnets.get("subnet-dual")!, cidrBlock: "10.0.240.0/20" };
		const moved = relaunched({ ...world, subnets: new Map([["subnet-dual", smaller]]) });
		assert.ok(inCidr(moved?.privateIpAddress ?? "", "10.0.240.0/20"));
	});

	test("do not get unasked what is reserved for others", () => {
		const spec = { instanceId: ID, ...SUBNET };
		const address = launchAlone(spec).networkInterfaces[0]?.privateIpAddresses[0]?.privateIpAddress ?? "";
		const given = (owner: string) =>
			launch(spec, { ...newWorld(), reserved: new Map([[`vpc-dual/${address}`, owner]]) }, NOW_MS).networkInterfaces[0]
				?.privateIpAddresses[0];
		assert.equal(given(ID)?.privateIpAddress, address);
		assert.notEqual(given("i-other")?.privateIpAddress, address);
		assert.notEqual(given("")?.privateIpAddress, address);
	});
});
