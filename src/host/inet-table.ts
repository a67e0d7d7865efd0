// Requests to the endpoint on the interfaces that instances are bound to: from the sources they name, told apart by their interface
// alone, and never passed on to another network.

import { isIPv6 } from "node:net";
import { chainOf, setOf, type Table } from "./nftables.ts";

export interface BoundInterface {
	readonly name: string;
	/** Where its requests may come from; `undefined`: anywhere. */
	readonly sources: readonly string[] | undefined;
}

/** The table about the interfaces that instances are bound to. */
export function inetTable(interfaces: readonly BoundInterface[]): Table {
	const names = (list: readonly BoundInterface[]) => list.map(({ name }) => `"${name}"`);
	const sources = interfaces.flatMap(({ name, sources = [] }) =>
		sources.map((address) => ({ address, element: `"${name}" . ${address}` })),
	);
	const elements = (ipv6: boolean) => sources.filter(({ address }) => isIPv6(address) === ipv6).map(({ element }) => element);
	return {
		family: "inet",
		body: [
			...setOf("interfaces", "type ifname", names(interfaces)),
			...setOf("with_sources", "type ifname", names(interfaces.filter(({ sources }) => sources !== undefined))),
			...setOf("sources4", "type ifname . ipv4_addr", elements(false)),
			...setOf("sources6", "type ifname . ipv6_addr", elements(true)),
			...chainOf("prerouting", RAW, [
				"iifname @with_sources ip daddr 169.254.169.254 iifname . ip saddr != @sources4 drop",
				"iifname @with_sources ip6 daddr fd00:ec2::254 meta l4proto != ipv6-icmp iifname . ip6 saddr != @sources6 drop",
				// Two guests may have the same address, and then the same connection by all that connection tracking looks at.
				"iifname @interfaces ip daddr 169.254.169.254 notrack",
				"iifname @interfaces ip6 daddr fd00:ec2::254 notrack",
			]),
			...chainOf("output", RAW, [
				"oifname @interfaces ip saddr 169.254.169.254 notrack",
				"oifname @interfaces ip6 saddr fd00:ec2::254 notrack",
			]),
			// Without the endpoint's address here, requests would go where the host's own default route leads: in a cloud, to the metadata
			// of the host itself.
			...chainOf("forward", FILTER, [
				"iifname @interfaces ip daddr 169.254.169.254 drop",
				"iifname @interfaces ip6 daddr fd00:ec2::254 drop",
				"iifname @interfaces ip saddr 169.254.169.254 drop",
				"iifname @interfaces ip6 saddr fd00:ec2::254 drop",
			]),
		],
	};
}

/** Priorities by their numbers: before connection tracking, and where firewalls filter (linux/netfilter_ipv4.h). */
const RAW = -300;
const FILTER = 0;
