// Who may be whom on a bridge: addresses belong to ports. The endpoint knows a bridge's guests by their source addresses, so none may use
// a neighbour's, nor have what is meant for a neighbour come to its own port.

import { isIPv6 } from "node:net";
import { ipToBigInt } from "../model/network.ts";
import { chainOf, setOf, type Table } from "./nftables.ts";

export interface BridgePins {
	/** The bridges that have pinned ports. */
	readonly bridges: readonly string[];
	readonly pins: readonly { readonly port: string; readonly address: string }[];
	/** Sources that may come in at any port of these bridges. */
	readonly unpinned: readonly string[];
	/** The ports of all other bridges, for a kernel that can't match a packet's bridge (`CONFIG_NFT_BRIDGE_META`). */
	readonly otherPorts?: readonly string[];
}

/** The table that pins addresses to bridge ports. */
export function bridgeTable({ bridges, pins, unpinned, otherPorts }: BridgePins): Table {
	const quote = (names: readonly string[]) => names.map((name) => `"${name}"`);
	const ipv4 = pins.filter(({ address }) => !isIPv6(address));
	const ipv6 = pins.filter(({ address }) => isIPv6(address)).map(({ port, address }) => ({ port, address, raw: rawAddress(address) }));
	const guard = (direction: "i" | "o") =>
		otherPorts === undefined ? `meta ${direction}brname != @bridges accept` : `${direction}ifname @other_ports accept`;
	return {
		family: "bridge",
		body: [
			...(otherPorts === undefined
				? setOf("bridges", "type ifname", quote(bridges))
				: setOf("other_ports", "type ifname", quote(otherPorts))),
			...setOf(
				"ports4",
				"type ifname . ipv4_addr",
				ipv4.map(({ port, address }) => `"${port}" . ${address}`),
			),
			...setOf(
				"ports6",
				"type ifname . ipv6_addr",
				ipv6.map(({ port, address }) => `"${port}" . ${address}`),
			),
			...setOf(
				"port_targets6",
				"typeof iifname . @th,64,128",
				ipv6.map(({ port, raw }) => `"${port}" . ${raw}`),
			),
			// The endpoint's addresses belong to no port: whoever uses one there lies.
			...setOf("pinned4", "type ipv4_addr", [IPV4, ...ipv4.map(({ address }) => address)]),
			...setOf("pinned6", "type ipv6_addr", [IPV6, ...ipv6.map(({ address }) => address)]),
			...setOf("pinned_targets6", "typeof @th,64,128", [rawAddress(IPV6), ...ipv6.map(({ raw }) => raw)]),
			...setOf(
				"unpinned4",
				"type ipv4_addr",
				unpinned.filter((address) => !isIPv6(address)),
			),
			...setOf(
				"unpinned6",
				"type ipv6_addr",
				unpinned.filter((address) => isIPv6(address)),
			),
			...chainOf("prerouting", BEFORE_NAT, [
				guard("i"),
				// The host would take a second empty tag off and read the packet in it, which no rule below has seen.
				"meta protocol { 8021q, 8021ad } drop",
				"arp saddr ip @pinned4 iifname . arp saddr ip != @ports4 drop",
				"ip saddr @pinned4 iifname . ip saddr != @ports4 drop",
				"ip6 saddr @pinned6 iifname . ip6 saddr != @ports6 drop",
				// What a neighbour advertisement, or a probe for duplicates, says of itself is in its target (RFC 4861, 4.4; RFC 4862, 5.4).
				`icmpv6 type nd-neighbor-advert ${FOREIGN_TARGET} drop`,
				`ip6 saddr :: icmpv6 type nd-neighbor-solicit ${FOREIGN_TARGET} drop`,
				`ip daddr ${IPV4} ip saddr != @unpinned4 iifname . ip saddr != @ports4 drop`,
				`ip6 daddr ${IPV6} ip6 saddr fe80::/10 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`,
				`ip6 daddr ${IPV6} ip6 saddr != @unpinned6 iifname . ip6 saddr != @ports6 drop`,
			]),
			// A guest that sends from a neighbour's MAC address leads the bridge to believe that the neighbour is at its port.
			...chainOf("output", BEFORE_NAT, [
				guard("o"),
				`ip saddr ${IPV4} ip daddr @pinned4 oifname . ip daddr != @ports4 drop`,
				`ip6 saddr ${IPV6} ip6 daddr @pinned6 oifname . ip6 daddr != @ports6 drop`,
			]),
		],
	};
}

const IPV4 = "169.254.169.254";
const IPV6 = "fd00:ec2::254";

/** Bridges' priority dstnat, by its number: before whatever else looks at the packets (linux/netfilter_bridge.h). */
const BEFORE_NAT = -300;

/** The target of a neighbour discovery message, by its place in it: nftables before 1.0.9 has no name for it. */
const FOREIGN_TARGET = "@th,64,128 @pinned_targets6 iifname . @th,64,128 != @port_targets6";

function rawAddress(address: string): string {
	return `0x${ipToBigInt(address).toString(16)}`;
}
