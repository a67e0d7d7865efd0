// Where instances live: VPCs, subnets, security groups, network interfaces.

import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Tag } from "./tag.ts";

export interface Vpc {
	readonly vpcId: string;
	readonly cidrBlocks: readonly string[];
	readonly ipv6CidrBlocks: readonly string[];
	/** Without it, a public address has no public host name. */
	readonly enableDnsHostnames: boolean;
	readonly tags?: readonly Tag[];
}

export interface Subnet {
	readonly subnetId: string;
	readonly vpcId: string;
	readonly availabilityZone: string;
	/** Missing: an IPv6-only subnet. */
	readonly cidrBlock?: string;
	readonly ipv6CidrBlocks: readonly string[];
	/** Whether an instance launched here gets a public address unasked. */
	readonly mapPublicIpOnLaunch: boolean;
	readonly tags?: readonly Tag[];
}

export interface SecurityGroup {
	readonly groupId: string;
	readonly groupName: string;
	readonly vpcId: string;
	readonly description?: string;
	readonly tags?: readonly Tag[];
}

export interface NetworkInterface {
	readonly networkInterfaceId: string;
	readonly macAddress: string;
	readonly deviceIndex: number;
	readonly networkCardIndex: number;
	readonly subnetId: string;
	readonly groupIds: readonly string[];
	/** The primary address first. */
	readonly privateIpAddresses: readonly PrivateIpAddress[];
	readonly ipv6Addresses: readonly string[];
	readonly ipv4Prefixes: readonly string[];
	readonly ipv6Prefixes: readonly string[];
	readonly description?: string;
	readonly tags?: readonly Tag[];
}

export interface PrivateIpAddress {
	readonly privateIpAddress: string;
	readonly publicIp?: string;
}

/** A CIDR block taken apart; `undefined` where the text is none. Host bits must be zero. */
export function parseCidr(text: string): { address: string; prefixLength: number; family: "ipv4" | "ipv6" } | undefined {
	const [, address = "", length = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
	const prefixLength = Number(length);
	const version = isIP(address);
	if (version === 0 || length === "" || prefixLength > (version === 4 ? 32 : 128)) return undefined;
	const hostBits = ipToBigInt(address) & ((1n << BigInt((version === 4 ? 32 : 128) - prefixLength)) - 1n);
	return hostBits === 0n ? { address, prefixLength, family: version === 4 ? "ipv4" : "ipv6" } : undefined;
}

/** Whether an address lies in a block of its family. */
export function inCidr(address: string, cidr: string): boolean {
	const block = parseCidr(cidr);
	const family = isIPv4(address) ? "ipv4" : "ipv6";
	// A block list takes ::ffff:10.0.0.1 for the IPv4 address in it, and so an address of one family for one of the other.
	if (block?.family !== family) return false;
	const list = new BlockList();
	list.addSubnet(block.address, block.prefixLength, family);
	return list.check(address, family);
}

/** The n-th address of a block (0: its own). */
export function nthAddress(cidr: string, n: bigint): string {
	const [base = ""] = cidr.split("/");
	if (!isIPv4(base)) return bigIntToIpv6(ipToBigInt(base) + n);
	// Plain numbers: a pool that is nearly full is walked through, and a bigint takes several times as long.
	const address = base.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) + Number(BigInt.asUintN(32, n));
	return [24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join(".");
}

/** How many addresses a block holds. */
export function cidrSize(cidr: string): bigint {
	const block = parseCidr(cidr);
	return block === undefined ? 0n : 1n << BigInt((block.family === "ipv4" ? 32 : 128) - block.prefixLength);
}

/** An IPv6 address or block in its shortest, lower-case form; IPv4 stays as it is. */
export function canonicalIp(text: string): string {
	const [address = "", length] = text.split("/");
	const canonical = isIPv6(address) ? new SocketAddress({ address, family: "ipv6" }).address : address;
	return length === undefined ? canonical : `${canonical}/${length}`;
}

/** An address as the number that its octets are. */
export function ipToBigInt(address: string): bigint {
	if (isIPv4(address)) return address.split(".").reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
	const ipv4Tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
	if (ipv4Tail !== null) {
		const tail = ipToBigInt(ipv4Tail[2] ?? "");
		return ipToBigInt(`${ipv4Tail[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`);
	}
	const [head = "", rest] = address.split("::");
	const left = head === "" ? [] : head.split(":");
	const right = rest === undefined || rest === "" ? [] : rest.split(":");
	const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
	return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function bigIntToIpv6(value: bigint): string {
	const groups = Array.from({ length: 8 }, (_, i) => ((value >> (BigInt(7 - i) * 16n)) & 0xffffn).toString(16));
	return canonicalIp(groups.join(":"));
}
