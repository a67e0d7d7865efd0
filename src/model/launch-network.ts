// The network interfaces of a launch: subnets chosen, addresses given out, contradictions refused.

import { derivedId, derivedMac, derivedNumber } from "./ids.ts";
import type { Instance } from "./instance.ts";
import { InvalidValue, unknownName } from "./invalid-value.ts";
import {
	canonicalIp,
	cidrSize,
	inCidr,
	type NetworkInterface,
	nthAddress,
	parseCidr,
	type PrivateIpAddress,
	type SecurityGroup,
	type Subnet,
	type Vpc,
} from "./network.ts";

/** What may be said about a network interface, in the words of RunInstances. */
export interface InterfaceSpec {
	readonly networkInterfaceId?: string;
	readonly macAddress?: string;
	readonly deviceIndex?: number;
	readonly networkCardIndex?: number;
	readonly subnetId?: string;
	readonly groups?: readonly string[];
	readonly privateIpAddress?: string;
	/** Secondary addresses, and public ones of any; the primary comes first, or is `privateIpAddress`. */
	readonly privateIpAddresses?: readonly { readonly privateIpAddress: string; readonly publicIp?: string }[];
	readonly publicIpAddress?: string;
	readonly associatePublicIpAddress?: boolean;
	readonly ipv6Addresses?: readonly string[];
	/** So many addresses more, whichever are free. */
	readonly secondaryPrivateIpAddressCount?: number;
	readonly ipv6AddressCount?: number;
	readonly description?: string;
	readonly ipv4Prefixes?: readonly string[];
	readonly ipv6Prefixes?: readonly string[];
}

/** The network that instances are launched into. */
export interface NetworkWorld {
	readonly vpcs: ReadonlyMap<string, Vpc>;
	readonly subnets: ReadonlyMap<string, Subnet>;
	readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
	/** Address (after `vpcId/` for private ones) → the instance that has it. Launching adds to it. */
	readonly addresses: Map<string, string>;
	/** Addresses that nobody gets unasked but the instance named, or (named "") no instance at all. */
	readonly reserved?: ReadonlyMap<string, string>;
}

/** What a launch says of its network: a list of interfaces, or the fields of its only one. */
export interface NetworkSpec extends Omit<InterfaceSpec, "groups"> {
	readonly instanceId: string;
	readonly securityGroupIds?: readonly string[];
	readonly networkInterfaces?: readonly InterfaceSpec[];
}

type Path = readonly (string | number)[];

const INSTANCE_LEVEL = [
	"subnetId",
	"securityGroupIds",
	"privateIpAddress",
	"publicIpAddress",
	"associatePublicIpAddress",
	"ipv6Addresses",
] as const satisfies readonly (keyof NetworkSpec)[];

/** Public addresses that nobody owns: first the range for documentation (RFC 5737), then that for benchmarks (RFC 2544). */
const PUBLIC_POOLS = ["203.0.113.0/24", "198.18.0.0/15"];

/** AWS keeps the first four addresses of a subnet and its last one. */
const RESERVED_FIRST = 4n;

/**
 * The interfaces of an instance, by device index.
 *
 * @throws {InvalidValue} for unknown subnets and groups, addresses outside their subnet or taken, doubled indices.
 */
export function attachInterfaces(spec: NetworkSpec, zone: string, world: NetworkWorld, before?: Instance): readonly NetworkInterface[] {
	const level = INSTANCE_LEVEL.find((field) => spec[field] !== undefined);
	if (spec.networkInterfaces !== undefined && level !== undefined) {
		throw new InvalidValue([level], "may not be given beside networkInterfaces; say it there");
	}
	const { securityGroupIds, networkInterfaces, ...only } = spec;
	const specs = networkInterfaces ?? [{ ...only, ...(securityGroupIds === undefined ? {} : { groups: securityGroupIds }) }];
	const at = (index: number): Path => (networkInterfaces === undefined ? [] : ["networkInterfaces", index]);
	const said = new Set(specs.flatMap(addressesSaid));
	const attached = specs.map((one, index) => {
		const deviceIndex = one.deviceIndex ?? index;
		const old = before?.networkInterfaces.find((each) => each.deviceIndex === deviceIndex);
		const alone = specs.length === 1;
		return attach({ spec: one, instanceId: spec.instanceId, deviceIndex, zone, world, old, path: at(index), alone, said });
	});
	for (const field of ["deviceIndex", "macAddress", "networkInterfaceId"] as const) {
		const doubled = attached.findIndex((one, index) => attached.findIndex((other) => other[field] === one[field]) !== index);
		if (doubled !== -1) throw new InvalidValue([...at(doubled), field], `${attached[doubled]?.[field]} is another interface's already`);
	}
	if (!attached.some(({ deviceIndex }) => deviceIndex === 0)) {
		throw new InvalidValue(["networkInterfaces"], "has no interface with deviceIndex 0");
	}
	return attached.toSorted((a, b) => a.deviceIndex - b.deviceIndex);
}

/** The keys of an instance's addresses and prefixes in {@link NetworkWorld.addresses}. */
export function addressKeys({ networkInterfaces }: Instance, { subnets }: Pick<NetworkWorld, "subnets">): readonly string[] {
	return networkInterfaces.flatMap(({ subnetId, privateIpAddresses, ipv6Addresses, ipv4Prefixes, ipv6Prefixes }) => [
		...[...privateIpAddresses.map((each) => each.privateIpAddress), ...ipv4Prefixes].map((own) => `${subnets.get(subnetId)?.vpcId}/${own}`),
		...privateIpAddresses.flatMap(({ publicIp }) => publicIp ?? []),
		...ipv6Addresses,
		...ipv6Prefixes,
	]);
}

interface Attachment {
	spec: InterfaceSpec;
	instanceId: string;
	deviceIndex: number;
	zone: string;
	world: NetworkWorld;
	old: NetworkInterface | undefined;
	path: Path;
	alone: boolean;
	/** The addresses that any interface of the launch names: none of them is free for another. */
	said: ReadonlySet<string>;
}

function attach(attachment: Attachment): NetworkInterface {
	const { spec, instanceId, deviceIndex, world, path } = attachment;
	const subnet = subnetOf(attachment);
	const vpcGroups = [...world.securityGroups.values()].filter(({ vpcId }) => vpcId === subnet.vpcId);
	const groupIds = spec.groups ?? vpcGroups.slice(0, 1).map(({ groupId }) => groupId);
	groupIds.forEach((groupId, index) => {
		if (!vpcGroups.some((group) => group.groupId === groupId)) {
			const known = new Map(vpcGroups.map((group) => [group.groupId, group]));
			const field = path.length === 0 ? "securityGroupIds" : "groups";
			throw new InvalidValue([...path, field, index], `${unknownName("security group", groupId, known)} (in ${subnet.vpcId})`);
		}
	});
	const prefixes = (field: "ipv4Prefixes" | "ipv6Prefixes", bits: number, blocks: readonly string[]) =>
		(spec[field] ?? []).map((prefix, index) => {
			const place = [...path, field, index];
			const { address = "", prefixLength } = parseCidr(prefix) ?? {};
			if (prefixLength !== bits || !blocks.some((block) => inCidr(address, block))) {
				throw new InvalidValue(place, `"${prefix}" is not a /${bits} of the subnet's ${blocks.join(", ") || "(none)"}`);
			}
			const canonical = canonicalIp(prefix);
			claim(attachment, field === "ipv4Prefixes" ? `${subnet.vpcId}/${canonical}` : canonical, canonical, place);
			return canonical;
		});
	return {
		networkInterfaceId: spec.networkInterfaceId ?? derivedId("eni", instanceId, deviceIndex),
		macAddress: spec.macAddress?.toLowerCase() ?? derivedMac(instanceId, deviceIndex),
		deviceIndex,
		networkCardIndex: spec.networkCardIndex ?? 0,
		subnetId: subnet.subnetId,
		groupIds,
		privateIpAddresses: ipv4Addresses(attachment, subnet),
		ipv6Addresses: ipv6Addresses(attachment, subnet),
		ipv4Prefixes: prefixes("ipv4Prefixes", 28, subnet.cidrBlock === undefined ? [] : [subnet.cidrBlock]),
		ipv6Prefixes: prefixes("ipv6Prefixes", 80, subnet.ipv6CidrBlocks),
		...(spec.description !== undefined && { description: spec.description }),
	};
}

function subnetOf({ spec, zone, world, path }: Attachment): Subnet {
	if (spec.subnetId !== undefined) {
		const subnet = world.subnets.get(spec.subnetId);
		if (subnet === undefined) throw new InvalidValue([...path, "subnetId"], unknownName("subnet", spec.subnetId, world.subnets));
		if (subnet.availabilityZone !== zone) {
			throw new InvalidValue([...path, "subnetId"], `${subnet.subnetId} is in ${subnet.availabilityZone}, but the instance is in ${zone}`);
		}
		return subnet;
	}
	const subnet = [...world.subnets.values()].find(({ availabilityZone }) => availabilityZone === zone);
	if (subnet === undefined) {
		const zones = new Map([...world.subnets.values()].map(({ availabilityZone }) => [availabilityZone, 0]));
		throw new InvalidValue(["placement", "availabilityZone"], unknownName("subnet in zone", zone, zones));
	}
	return subnet;
}

function ipv4Addresses(attachment: Attachment, subnet: Subnet): readonly PrivateIpAddress[] {
	const { spec, old, path, alone } = attachment;
	const listed = spec.privateIpAddresses ?? [];
	if (subnet.cidrBlock === undefined) {
		const ofIpv4 = ["privateIpAddress", "privateIpAddresses", "publicIpAddress", "associatePublicIpAddress"] as const;
		const field = ofIpv4.find((name) => spec[name] !== undefined && spec[name] !== false);
		if (field !== undefined) throw new InvalidValue([...path, field], `is IPv4, but subnet ${subnet.subnetId} has IPv6 only`);
		return [];
	}
	const cidr = subnet.cidrBlock;
	const kept = old?.subnetId === subnet.subnetId ? old.privateIpAddresses[0] : undefined;
	const primary =
		spec.privateIpAddress ??
		listed[0]?.privateIpAddress ??
		claimFree(attachment, [cidr], `${subnet.vpcId}/`, kept?.privateIpAddress, "private", RESERVED_FIRST);
	const rest = listed.filter(({ privateIpAddress }) => privateIpAddress !== primary);
	const placeOf = (address: string): Path => {
		const index = listed.findIndex(({ privateIpAddress }) => privateIpAddress === address);
		return index === -1 ? [...path, "privateIpAddress"] : [...path, "privateIpAddresses", index];
	};
	for (const address of [primary, ...rest.map(({ privateIpAddress }) => privateIpAddress)]) {
		if (!inCidr(address, cidr)) throw new InvalidValue(placeOf(address), `${address} is not in the subnet's ${cidr}`);
		claim(attachment, `${subnet.vpcId}/${address}`, address, placeOf(address));
	}
	for (let n = 0; n < (spec.secondaryPrivateIpAddressCount ?? 0); n++) {
		const address = claimFree(attachment, [cidr], `${subnet.vpcId}/`, undefined, `secondary ${n}`, RESERVED_FIRST);
		claim(attachment, `${subnet.vpcId}/${address}`, address, path);
		rest.push({ privateIpAddress: address });
	}
	const wantsPublic = spec.associatePublicIpAddress ?? (subnet.mapPublicIpOnLaunch && alone);
	const given = spec.publicIpAddress ?? listed.find(({ privateIpAddress }) => privateIpAddress === primary)?.publicIp;
	const publicIp = given ?? (wantsPublic ? claimFree(attachment, PUBLIC_POOLS, "", kept?.publicIp, "public", 1n) : undefined);
	const all = [{ privateIpAddress: primary, ...(publicIp === undefined ? {} : { publicIp }) }, ...rest];
	all.forEach(({ privateIpAddress, publicIp: its }, index) => {
		const place =
			index === 0 && spec.publicIpAddress !== undefined ? [...path, "publicIpAddress"] : [...placeOf(privateIpAddress), "publicIp"];
		if (its !== undefined) claim(attachment, its, its, place);
	});
	return all;
}

function ipv6Addresses(attachment: Attachment, subnet: Subnet): readonly string[] {
	const { spec, old, path } = attachment;
	const [cidr] = subnet.ipv6CidrBlocks;
	const kept = old?.subnetId === subnet.subnetId ? old.ipv6Addresses[0] : undefined;
	const asked = (spec.ipv6Addresses ?? []).map(canonicalIp);
	asked.forEach((address, index) => {
		if (!subnet.ipv6CidrBlocks.some((block) => inCidr(address, block))) {
			const blocks = subnet.ipv6CidrBlocks.join(", ") || "no IPv6 block";
			throw new InvalidValue([...path, "ipv6Addresses", index], `${address} is not in the subnet's ${blocks}`);
		}
		claim(attachment, address, address, [...path, "ipv6Addresses", index]);
	});
	const needsOne = spec.ipv6Addresses === undefined && subnet.cidrBlock === undefined && cidr !== undefined;
	const count = spec.ipv6AddressCount ?? (needsOne ? 1 : 0);
	if (count > 0 && cidr === undefined) throw new InvalidValue([...path, "ipv6AddressCount"], `subnet ${subnet.subnetId} has no IPv6 block`);
	for (let n = 0; n < count; n++) {
		const purpose = n === 0 ? "ipv6" : `ipv6 ${n}`;
		const address = claimFree(attachment, [cidr ?? ""], "", n === 0 ? kept : undefined, purpose, RESERVED_FIRST);
		claim(attachment, address, address, [...path, "ipv6Addresses", n]);
		asked.push(address);
	}
	return asked;
}

function addressesSaid({ privateIpAddress, privateIpAddresses = [], publicIpAddress, ipv6Addresses = [] }: InterfaceSpec): string[] {
	const listed = privateIpAddresses.flatMap((one) => [one.privateIpAddress, one.publicIp]);
	return [privateIpAddress, publicIpAddress, ...listed, ...ipv6Addresses.map(canonicalIp)].filter((address) => address !== undefined);
}

/** Takes an address for the instance, unless it is somebody else's. */
function claim({ instanceId, world }: Attachment, key: string, address: string, path: Path): void {
	const owner = world.addresses.get(key);
	if (owner !== undefined) throw new InvalidValue(path, `${address} is ${owner}'s already`, "taken");
	world.addresses.set(key, instanceId);
}

/** The address that was kept, or the first free one from a place that the instance's id decides. */
function claimFree(
	{ instanceId, deviceIndex, world, path, said }: Attachment,
	pools: readonly string[],
	prefix: string,
	kept: string | undefined,
	purpose: string,
	reservedFirst: bigint,
): string {
	const free = (address: string) =>
		!said.has(address) && !world.addresses.has(prefix + address) && (world.reserved?.get(prefix + address) ?? instanceId) === instanceId;
	if (kept !== undefined && free(kept) && pools.some((pool) => inCidr(kept, pool))) return kept;
	for (const [index, pool] of pools.entries()) {
		// A pool can be larger than anyone would walk through; 65 536 tries find a free address in every pool that has many.
		// Before another pool a few must do: to walk through a full one at every launch would cost more than the launch.
		const tries = index < pools.length - 1 ? 32n : 65_536n;
		const usable = cidrSize(pool) - reservedFirst - 1n;
		const start = BigInt(derivedNumber(instanceId, deviceIndex, purpose));
		for (let i = 0n; i < usable && i < tries; i++) {
			const address = nthAddress(pool, reservedFirst + ((start + i) % usable));
			if (free(address)) return address;
		}
	}
	throw new InvalidValue(path, `no free address left in ${pools.join(", ")}`, "exhausted");
}
