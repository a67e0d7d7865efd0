// What a host needs for the bindings of its instances, and what of it is there. The endpoint's sockets are bound to interfaces, which tells
// guests of one address apart and leaves their addresses and hop counts as they are; so nothing is redirected.

import { type EntrancePlace, placeName } from "../model/endpoint-binding.ts";
import { addCommands, type AddressPlan, nameOf, planAddresses, remember } from "./addresses.ts";
import { type Bound, boundAt, type BoundInstance, boundOf, placesOf } from "./bindings.ts";
import { bridgeTable } from "./bridge-table.ts";
import { inetTable } from "./inet-table.ts";
import { type Link, readLinks } from "./links.ts";
import type { HostProblem, Need, Needs } from "./need.ts";
import { canMatchBridges, deleteTable, replaceTable, type Table, tableState } from "./nftables.ts";
import { ipv4ReturnPath, ipv6ReturnPath } from "./return-path.ts";

export interface HostPlan extends Needs {
	/** Where the endpoint's addresses belong. */
	readonly places: readonly EntrancePlace[];
}

/** What this host needs for instances, and for interfaces that the service is told of by flag. Changes nothing. */
export async function planHost(instances: readonly BoundInstance[], interfaces: readonly string[]): Promise<HostPlan> {
	const bound = instances.flatMap(boundOf);
	const places = placesOf(bound, interfaces);
	const devices = places.flatMap(({ interface: name }) => (name === undefined || name === "lo" ? [] : [name]));
	const usesIpv6 = (place: EntrancePlace) => {
		const here = bound.filter((each) => each.place === placeName(place));
		return here.some((each) => each.usesIpv6) || (here.length === 0 && instances.some(isIpv6Enabled));
	};
	const [addressPlan, links] = await Promise.all([planAddresses(places), readLinks()]);
	const ipv6Devices = [...addressPlan.present, ...addressPlan.missing].flatMap(({ place, address }) =>
		address === "fd00:ec2::254" && usesIpv6(place) ? devices.filter((name) => name === place.interface) : [],
	);
	const parts: readonly Needs[] = [
		...devices.map((device) => ({ needs: [], problems: linkProblems(device, bound, links) })),
		addressNeeds(addressPlan, usesIpv6),
		...(await Promise.all(devices.map((device) => ipv4ReturnPath(device, sourcesAt(device, bound))))),
		{ needs: await ipv6ReturnPath(ipv6Devices), problems: [] },
		await tableNeeds("bridge", await wantedBridgeTable(bound, links), "an instance's address comes in at its own port of the bridge only"),
		await tableNeeds("inet", wantedInetTable(devices, bound), "requests come from the sources that bindings name, and go no further"),
	];
	return { places, needs: parts.flatMap(({ needs }) => needs), problems: parts.flatMap(({ problems }) => problems) };
}

function addressNeeds({ present, missing, problems }: AddressPlan, usesIpv6: (place: EntrancePlace) => boolean): Needs {
	const reason = "requests go there; serve --link-local adds it itself, and removes it when it stops";
	const planned = new Set(missing.map(nameOf));
	return {
		needs: [
			...present.map((own) => ({ name: nameOf(own), reason, isInPlace: true, commands: [] })),
			...missing.map((own) => ({
				name: nameOf(own),
				reason,
				isInPlace: false,
				commands: addCommands(own),
				remember: (recordFile: string) => remember(recordFile, own),
			})),
		],
		// What a command of the plan mends, for who may run it, is no problem; nor is IPv6 where nobody uses it.
		problems: problems
			.filter(({ place, address }) => {
				if (address === undefined) return true;
				return !planned.has(nameOf({ place, address })) && (address !== "fd00:ec2::254" || usesIpv6(place));
			})
			.map(({ message, mend }) => ({ message, mend })),
	};
}

/** What keeps the requests of bindings from arriving at their interface. */
function linkProblems(device: string, bound: readonly Bound[], links: readonly Link[]): readonly HostProblem[] {
	const linkOf = (name: string) => links.find((link) => link.name === name);
	const ports = boundAt(device, bound).flatMap(({ binding }) => binding.bridgePort ?? []);
	const bridge = linkOf(device)?.bridge;
	return [
		...(bridge === undefined
			? []
			: [
					{
						message: `Requests don't arrive at ${device}, which is a port of the bridge ${bridge}: bind the instance with { interface: ${bridge}, bridgePort: ${device} }.`,
						mend: "openimds config check FILE",
					},
				]),
		...[...new Set(ports)].flatMap((port) => {
			if (linkOf(port) === undefined) {
				return {
					message: `There is no interface ${port}, a port of ${device}; its instance may not run yet.`,
					mend: `ip tuntap add ${port} mode tap`,
				};
			}
			return linkOf(port)?.bridge === device
				? []
				: { message: `${port} is no port of ${device}.`, mend: `ip link set ${port} master ${device}` };
		}),
	];
}

function sourcesAt(device: string, bound: readonly Bound[]): readonly string[] {
	return [...new Set(boundAt(device, bound).flatMap(({ likelySources }) => likelySources))];
}

async function wantedBridgeTable(bound: readonly Bound[], links: readonly Link[]): Promise<Table | undefined> {
	const pins = bound.flatMap(({ binding, sources = [] }) =>
		sources.flatMap((address) => (binding.bridgePort === undefined ? [] : [{ port: binding.bridgePort, address }])),
	);
	const bridges = [...new Set(bound.flatMap(({ binding }) => (binding.bridgePort === undefined ? [] : [binding.interface ?? ""])))];
	if (bridges.length === 0) return undefined;
	const unpinned = bridges.flatMap((bridge) =>
		boundAt(bridge, bound).flatMap(({ binding, sources = [] }) => (binding.bridgePort === undefined ? sources : [])),
	);
	const otherPorts = links.flatMap(({ name, bridge }) => (bridge === undefined || bridges.includes(bridge) ? [] : [name]));
	return bridgeTable({ bridges, pins, unpinned, ...((await canMatchBridges()) ? {} : { otherPorts }) });
}

function wantedInetTable(devices: readonly string[], bound: readonly Bound[]): Table | undefined {
	if (devices.length === 0) return undefined;
	return inetTable(
		devices.map((name) => {
			const sources = boundAt(name, bound).map((each) => each.sources);
			const isOpen = sources.includes(undefined) || !bound.some(({ place }) => place === placeName({ interface: name }));
			return { name, sources: isOpen ? undefined : sources.flatMap((list) => list ?? []) };
		}),
	);
}

async function tableNeeds(family: Table["family"], wanted: Table | undefined, reason: string): Promise<Needs> {
	const state = await tableState(family, wanted);
	const name = `nftables table ${family} openimds`;
	if (typeof state === "object") {
		if (wanted === undefined) return { needs: [], problems: [] };
		const need: Need = { name, reason, isInPlace: false, commands: [replaceTable(wanted)] };
		const mend = state.notInstalled ? "apt-get install nftables" : "sudo openimds host check";
		const message = state.notInstalled
			? "There is no program nft, so that the addresses of instances can't be guarded."
			: `Whether there is an ${name} can't be seen: ${state.failure}.`;
		return { needs: [need], problems: [{ message, mend }] };
	}
	if (wanted !== undefined) {
		return { needs: [{ name, reason, isInPlace: state === "as wanted", commands: [replaceTable(wanted)] }], problems: [] };
	}
	const leftover = { name: `no ${name}`, reason: "no binding needs it any more", isInPlace: false, commands: [deleteTable(family)] };
	return { needs: state === "absent" ? [] : [leftover], problems: [] };
}

function isIpv6Enabled({ metadataOptions }: BoundInstance): boolean {
	return metadataOptions.httpProtocolIpv6 === "enabled";
}
