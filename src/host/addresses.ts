// The endpoint's own addresses: on the interfaces that requests arrive at, and on lo in network namespaces. What we add is written down
// first, so that a service that was killed knows its own when it comes back; what others added is never removed.

import { isIPv6 } from "node:net";
import { dirname } from "node:path";
import { type EntrancePlace, placeName } from "../model/endpoint-binding.ts";
import { changeHostRecord, ENDPOINT_ADDRESSES, type EndpointAddress, type OwnAddress, readHostRecord } from "./host-record.ts";
import { type Command, printCommand, run } from "./command.ts";
import { type Capability, lackingOf } from "./privileges.ts";

/** What is wrong at a place. */
export interface AddressProblem {
	readonly place: EntrancePlace;
	/** The address that can't be there; missing: both, or the place as a whole. */
	readonly address?: EndpointAddress;
	/** A sentence. */
	readonly message: string;
	/** The command that mends it. */
	readonly mend: string;
}

export interface AddressPlan {
	readonly present: readonly OwnAddress[];
	/** What would be added, by {@link addCommands}. */
	readonly missing: readonly OwnAddress[];
	readonly problems: readonly AddressProblem[];
}

/**
 * What there is at places, and what would be added; changes nothing. An interface that is down is a problem, and gets its addresses all the
 * same; IPv6 that is off is IPv6's problem only.
 */
export async function planAddresses(places: readonly EntrancePlace[]): Promise<AddressPlan> {
	const distinct = new Map(places.map((place) => [placeName(place), place]));
	const networks = Map.groupBy(distinct.values(), ({ networkNamespace }) => networkNamespace);
	return merge(await Promise.all([...networks.values()].map(planNetwork)));
}

/**
 * Adds what a plan misses, but for what its problems say can't be added, and writes it into the record file before.
 *
 * @returns what could not be added, beyond the plan's own problems.
 */
export async function addAddresses(plan: AddressPlan, recordFile: string): Promise<readonly AddressProblem[]> {
	const ruledOut = plan.problems.flatMap(({ place, address }) => (address === undefined ? [] : [{ place, address }]));
	const problems: AddressProblem[] = [];
	for (const own of without(plan.missing, ...ruledOut)) {
		try {
			remember(recordFile, own);
		} catch (error) {
			// Added, it would stay behind after a crash.
			const message = `${nameOf(own)} was not added, because that can't be written down: ${(error as Error).message}.`;
			problems.push({ ...own, message, mend: `df ${dirname(recordFile)}` });
			continue;
		}
		const failed = await firstFailure(addCommands(own));
		if (failed === undefined || (await isThere(own))) continue;
		forget(recordFile, own);
		problems.push({ ...own, message: `${nameOf(own)} could not be added: ${failed.failure}.`, mend: failed.mend });
	}
	return problems;
}

/**
 * Removes the addresses in the record file, but for those at places to keep. What is gone already, with its interface or namespace or
 * without, is no problem.
 *
 * @returns what could not be removed. It stays in the record.
 */
export async function removeAddresses(recordFile: string, keep: readonly EntrancePlace[] = []): Promise<readonly AddressProblem[]> {
	const kept = new Set(keep.map(placeName));
	const problems: AddressProblem[] = [];
	for (const own of readHostRecord(recordFile).addresses.filter(({ place }) => !kept.has(placeName(place)))) {
		const failed = await firstFailure([removeCommand(own)]);
		if (failed === undefined || !(await isThere(own))) forget(recordFile, own);
		else problems.push({ ...own, message: `${nameOf(own)} could not be removed: ${failed.failure}.`, mend: failed.mend });
	}
	return problems;
}

/** Writes down that an address is ours. */
export function remember(recordFile: string, own: OwnAddress): void {
	changeHostRecord(recordFile, (record) => ({ ...record, addresses: [...without(record.addresses, own), own] }));
}

function forget(recordFile: string, own: OwnAddress): void {
	changeHostRecord(recordFile, (record) => ({ ...record, addresses: without(record.addresses, own) }));
}

/** The commands that bring an address to its place. */
export function addCommands({ place, address }: OwnAddress): readonly Command[] {
	// The host's other programs must not speak from the endpoint's address: a link's scope, and for IPv6 an age past its prime, keep it
	// from being chosen as the source of what has none yet.
	const details = isIPv6(address) ? ["nodad", "preferred_lft", "0"] : ["scope", "link"];
	const add = within(place, "ip", "addr", "add", withPrefix(address), "dev", deviceOf(place), ...details);
	return place.networkNamespace === undefined ? [add] : [within(place, "ip", "link", "set", "lo", "up"), add];
}

/** The command that takes an address away. */
function removeCommand({ place, address }: OwnAddress): Command {
	return within(place, "ip", "addr", "del", withPrefix(address), "dev", deviceOf(place));
}

/** A command, run in the network of a place. */
export function within({ networkNamespace }: EntrancePlace, program: string, ...args: readonly string[]): Command {
	return { argv: networkNamespace === undefined ? [program, ...args] : ["nsenter", `--net=${networkNamespace}`, program, ...args] };
}

/** An interface, as `ip -j addr show` tells of it. */
interface Link {
	readonly ifname: string;
	readonly flags: readonly string[];
	readonly addr_info: readonly { readonly local?: string }[];
}

/** Places of one network: one namespace, or interfaces of this one. */
async function planNetwork(places: readonly EntrancePlace[]): Promise<AddressPlan> {
	const [network = {}] = places;
	const { stdout, failure, notInstalled } = await run(within(network, "ip", "-j", "addr", "show"));
	if (failure !== undefined) {
		const problem = notInstalled === undefined ? unreachable(network, failure) : missingProgram(notInstalled);
		return { present: [], missing: [], problems: places.map((place) => ({ place, ...problem })) };
	}
	const links = JSON.parse(stdout) as readonly Link[];
	const linkOf = (place: EntrancePlace) => links.find(({ ifname }) => ifname === deviceOf(place));
	return merge(await Promise.all(places.map((place) => planPlace(place, linkOf(place)))));
}

async function planPlace(place: EntrancePlace, link: Link | undefined): Promise<AddressPlan> {
	const device = deviceOf(place);
	if (link === undefined) {
		const message = `There is no interface ${device}; what it belongs to may not run yet.`;
		return { present: [], missing: [], problems: [{ place, message, mend: `ip tuntap add ${device} mode tap` }] };
	}
	const own = ENDPOINT_ADDRESSES.map((address) => ({ place, address }));
	const present = own.filter(({ address }) => link.addr_info.some(({ local }) => local === address));
	const absent = without(own, ...present);
	const isDown = place.networkNamespace === undefined && !link.flags.includes("UP");
	const noIpv6 = absent.some(({ address }) => isIPv6(address)) ? await ipv6Problems(place) : [];
	const missing = without(absent, ...noIpv6);
	return {
		present,
		missing,
		problems: [
			...(isDown ? [{ place, message: `The interface ${device} is down.`, mend: `ip link set ${device} up` }] : []),
			...noIpv6,
			...missing.flatMap(privilegeProblems),
		],
	};
}

async function ipv6Problems(place: EntrancePlace): Promise<readonly (AddressProblem & OwnAddress)[]> {
	const setting = `net/ipv6/conf/${deviceOf(place)}/disable_ipv6`;
	const { stdout, failure } = await run(within(place, "cat", `/proc/sys/${setting}`));
	const own = { place, address: ENDPOINT_ADDRESSES[1] };
	if (failure !== undefined) {
		const message = `${nameOf(own)} is impossible: there is no IPv6 in this kernel, or it is off there.`;
		return [{ ...own, message, mend: "modprobe ipv6    # and no ipv6.disable=1 on the kernel's command line" }];
	}
	if (stdout.trim() === "0") return [];
	const mend = printCommand(within(place, "sysctl", "-w", `${setting}=0`));
	return [{ ...own, message: `${nameOf(own)} is impossible: IPv6 is off there.`, mend }];
}

function privilegeProblems(own: OwnAddress): readonly AddressProblem[] {
	const needed: readonly Capability[] = own.place.networkNamespace === undefined ? ["CAP_NET_ADMIN"] : ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"];
	const lacking = lackingOf(needed);
	if (lacking.length === 0) return [];
	const message = `${nameOf(own)} is missing, and this process may not add it for want of ${lacking.join(" and ")}.`;
	return [
		{
			...own,
			message,
			mend: addCommands(own)
				.map((command) => `sudo ${printCommand(command)}`)
				.join("; "),
		},
	];
}

function unreachable({ networkNamespace = "" }: EntrancePlace, failure: string): Pick<AddressProblem, "message" | "mend"> {
	const [, name] = /^\/(?:var\/)?run\/netns\/([^/]+)$/.exec(networkNamespace) ?? [];
	const isDenied = lackingOf(["CAP_SYS_ADMIN"]).length > 0;
	if (networkNamespace === "")
		return { message: `The addresses of this host can't be read: ${failure}.`, mend: "apt-get install iproute2" };
	return {
		message: `The network namespace ${networkNamespace} can't be entered: ${failure}.`,
		mend: isDenied ? "sudo openimds host apply" : name === undefined ? `ls -l ${networkNamespace}` : `ip netns add ${name}`,
	};
}

function missingProgram(program: string): Pick<AddressProblem, "message" | "mend"> {
	const debianPackage = program === "nsenter" ? "util-linux" : "iproute2";
	return { message: `There is no program ${program}.`, mend: `apt-get install ${debianPackage}` };
}

/** Whether an address is at its place now; where that can't be seen, it is not. */
async function isThere({ place, address }: OwnAddress): Promise<boolean> {
	const { present } = await planAddresses([place]);
	return present.some((own) => own.address === address);
}

async function firstFailure(commands: readonly Command[]): Promise<{ failure: string; mend: string } | undefined> {
	for (const command of commands) {
		const { failure } = await run(command);
		if (failure !== undefined) return { failure, mend: printCommand(command) };
	}
}

function merge(plans: readonly AddressPlan[]): AddressPlan {
	return {
		present: plans.flatMap(({ present }) => present),
		missing: plans.flatMap(({ missing }) => missing),
		problems: plans.flatMap(({ problems }) => problems),
	};
}

function without(addresses: readonly OwnAddress[], ...others: readonly OwnAddress[]): readonly OwnAddress[] {
	const names = new Set(others.map(nameOf));
	return addresses.filter((own) => !names.has(nameOf(own)));
}

/** `fd00:ec2::254 on interface tap0` */
export function nameOf({ place, address }: OwnAddress): string {
	return `${address} on ${place.networkNamespace === undefined ? `interface ${deviceOf(place)}` : placeName(place)}`;
}

function deviceOf(place: EntrancePlace): string {
	return place.interface ?? "lo";
}

function withPrefix(address: EndpointAddress): string {
	return isIPv6(address) ? `${address}/128` : `${address}/32`;
}
