/**
 * Small networks of real network namespaces: a host, guests behind its taps or its bridge, containers behind a guest.
 *
 * What a host needs for its guests' metadata, tried with these labs on kernel 6.18, with sockets bound to the guest's device:
 * - IPv4 needs no route to the guest: a socket bound to a device takes every address without a route as on-link there.
 * - `rp_filter` is best 0 for the tap (and for `all`: the larger one counts). Strict (1) drops what comes from an address that is
 *   routed to another tap or nowhere; loose (2) drops it only if there is no route at all, not even a default one.
 * - IPv6 has no such filter, but needs a route to the source on the very device. A second tap with the same prefix takes
 *   `ip -6 route append` (`add` says "File exists"); or, whatever the guest's addresses, a table of its own for each tap:
 *   `ip -6 rule add oif tap0 lookup 1000` and `ip -6 route add default dev tap0 table 1000`.
 * - The same 169.254.169.254/32 and fd00:ec2::254/128 may be on any number of devices.
 * - Equal connections at two taps share one entry of connection tracking. 250 pairs at a time lost nothing by that, not even where
 *   the host drops what is `ct state invalid`.
 * - The host answers at every tap for all its addresses: what listens at another address than these is open to all guests.
 * - What a guest routes on for its containers without masquerading needs a route by way of the guest, in both families.
 */
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { requireLibc } from "../../src/linux/libc.ts";
import { requireTool } from "../tools.ts";

/** Something that says when it is over, as a test does. */
export type Lifetime = Pick<TestContext, "after">;

/** One network namespace. */
export interface Place {
	readonly name: string;
	readonly path: string;
}

export type Family = "IPv4" | "IPv6";
export const FAMILIES: readonly Family[] = ["IPv4", "IPv6"];

/** The service's own addresses. */
export const ENDPOINT: Readonly<Record<Family, { readonly host: string; readonly url: string }>> = {
	IPv4: { host: "169.254.169.254", url: "http://169.254.169.254" },
	IPv6: { host: "fd00:ec2::254", url: "http://[fd00:ec2::254]" },
};

/** What a guest has of its own, as `ADDRESS/LENGTH`. */
export interface GuestNetwork {
	readonly ipv4: string;
	readonly ipv6: string;
	readonly mac?: string;
}

/** A host in whose namespace the service runs, and its guests: guest n is at the host's device `tapN`, by its own `eth0`. */
export interface Lab {
	readonly host: Place;
	readonly guests: readonly Place[];
}

export const GUEST: GuestNetwork = { ipv4: "10.0.0.5/24", ipv6: "fd00:1::5/64", mac: "02:00:00:00:00:05" };
export const NEIGHBOUR: GuestNetwork = { ipv4: "10.0.0.6/24", ipv6: "fd00:1::6/64", mac: "02:00:00:00:00:06" };

const nftables = requireTool("nft");
const tools = [nftables, requireTool("ip"), requireTool("tcpdump"), requireTool("curl")];

/** Why labs can't be built here; `false` where they can, and under CI=true, where nothing is skipped. */
export const noLab: string | false = findObstacle();

const CLONE_NEWNET = 0x40000000;
const O_RDONLY_CLOEXEC = 0o2000000;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

let labs = 0;

/**
 * A host with a tap for each guest; gone, with all that still runs in it, when the test is over.
 *
 * @param bridge of which the taps are ports; else each tap is on its own.
 */
export function buildLab(t: Lifetime, guests: readonly GuestNetwork[], bridge?: string): Lab {
	const prefix = nextPrefix();
	const host = addPlace(t, `${prefix}-host`);
	// rp_filter as the head of this file explains.
	setSysctls(host, { "ipv4/conf/all/rp_filter": 0, "ipv4/conf/default/rp_filter": 0 });
	ip(host, ["link set lo up", ...(bridge === undefined ? [] : [`link add ${bridge} type bridge`, `link set ${bridge} up`])]);
	const places = guests.map((network, index) => {
		const guest = addPlace(t, `${prefix}-guest${index}`);
		const tap = `tap${index}`;
		ip(host, [`link add ${tap} address ${tapMac(index)} type veth peer name eth0 netns ${guest.name}`]);
		if (bridge !== undefined) ip(host, [`link set ${tap} master ${bridge}`]);
		ip(host, [`link set ${tap} up`, `route ${bridge === undefined ? "append" : "replace"} ${prefixOf(network.ipv6)} dev ${bridge ?? tap}`]);
		ip(guest, [
			"link set lo up",
			...(network.mac === undefined ? [] : [`link set eth0 address ${network.mac}`]),
			"link set eth0 up",
			`addr add ${network.ipv4} dev eth0`,
			`addr add ${network.ipv6} dev eth0`,
			`route add ${ENDPOINT.IPv4.host} dev eth0`,
			`route add ${ENDPOINT.IPv6.host} dev eth0`,
		]);
		return guest;
	});
	return { host, guests: places };
}

/** The address of the host's end of a guest's cable. */
export function tapMac(index: number): string {
	return `02:00:00:00:01:0${index}`;
}

/**
 * A host, a guest, and a row of containers, each behind the one before: the packets of container n pass n + 1 routers,
 * the guest being the first.
 *
 * @param masquerade whether the guest puts its own address in place of its containers', as Docker does.
 * @param systemHops what packets start with where nobody limits hops: 64 would not get through 64 routers.
 */
export function buildChain(
	t: Lifetime,
	{ containers, masquerade, systemHops = 64 }: { containers: number; masquerade: boolean; systemHops?: number },
): Lab & { readonly containers: readonly Place[] } {
	const lab = buildLab(t, [GUEST]);
	const guest = lab.guests[0] as Place;
	const row = Array.from({ length: containers }, (_, index) => addPlace(t, `${guest.name}-c${index}`));
	const everyone = [lab.host, guest, ...row];
	for (const place of everyone) {
		setSysctls(place, { "ipv4/ip_default_ttl": systemHops, "ipv6/conf/default/hop_limit": systemHops });
		if (place !== lab.host) setSysctls(place, { "ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1 });
	}
	// These two devices were there before the default that they should have had.
	setSysctls(lab.host, { "ipv6/conf/tap0/hop_limit": systemHops });
	setSysctls(guest, { "ipv6/conf/eth0/hop_limit": systemHops });
	row.forEach((container, index) => {
		const router = row[index - 1] ?? guest;
		const [subnet, subnet6] = [`10.1.${index}`, `fd00:2:${index}:`];
		ip(router, [
			`link add eth1 type veth peer name eth0 netns ${container.name}`,
			"link set eth1 up",
			`addr add ${subnet}.1/24 dev eth1`,
			`addr add ${subnet6}:1/64 dev eth1`,
		]);
		ip(container, [
			"link set lo up",
			"link set eth0 up",
			`addr add ${subnet}.2/24 dev eth0`,
			`addr add ${subnet6}:2/64 dev eth0`,
			`route add default via ${subnet}.1`,
			`route add default via ${subnet6}:1`,
		]);
		ip(router, [`route add 10.1.0.0/16 via ${subnet}.2`, `route add fd00:2::/32 via ${subnet6}:2`]);
	});
	if (masquerade) {
		nft(guest, 'table inet nat { chain out { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }; }');
	} else {
		const [ipv4, ipv6] = [addressOf(GUEST.ipv4), addressOf(GUEST.ipv6)];
		ip(lab.host, [`route add 10.1.0.0/16 via ${ipv4} dev tap0 onlink`, `route add fd00:2::/32 via ${ipv6} dev tap0`]);
	}
	return { ...lab, containers: row };
}

/**
 * Does synchronous work with this thread in a place's network. What it starts (`spawn`, `execFile`) stays there; a socket of
 * Node's does not, since that is only made in a later turn: see {@link connect}.
 */
export function within<T>(place: Place, work: () => T): T {
	const libc = requireLibc();
	const [here, there] = ["/proc/thread-self/ns/net", place.path].map((path) => libc.open(path, O_RDONLY_CLOEXEC, 0)) as [number, number];
	try {
		if (libc.setns(there, CLONE_NEWNET) !== 0) throw libc.failure(`setns to ${place.name}`);
		try {
			return work();
		} finally {
			// Everything later would happen in the wrong network.
			if (libc.setns(here, CLONE_NEWNET) !== 0) process.abort();
		}
	} finally {
		libc.close(here);
		libc.close(there);
	}
}

/** A socket of a place that is not connected yet. */
export function openSocket(place: Place, family: Family): Socket {
	const libc = requireLibc();
	const domain = family === "IPv4" ? AF_INET : AF_INET6;
	const fd = within(place, () => libc.socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	if (fd < 0) throw libc.failure("socket");
	return new Socket({ fd });
}

/** Where a connection goes if not to the service's own address, and the place's address that it comes from. */
export interface Ends {
	readonly host?: string;
	readonly port?: number;
	readonly localPort?: number;
	readonly localAddress?: string;
}

/**
 * Connects from a place.
 *
 * @throws the system's error (`ECONNREFUSED`, `EHOSTUNREACH` …).
 */
export async function connect(place: Place, family: Family, ends: Ends = {}): Promise<Socket> {
	const socket = openSocket(place, family);
	socket.connect({ host: ENDPOINT[family].host, port: 80, ...ends });
	try {
		await once(socket, "connect");
	} catch (error) {
		socket.destroy();
		throw error;
	}
	// That it broke is seen from "close", too.
	socket.on("error", () => undefined);
	return socket;
}

const execute = promisify(execFile);

/** Runs a program in a place; answers its standard output, and rejects as `execFile` does. */
export async function run(place: Place, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
	const { stdout } = await within(place, () => execute(command, args, { env }));
	return stdout;
}

/** Runs `ip` on each of these lines in a place. */
export function ip(place: Place, lines: readonly string[]): void {
	within(place, () => execFileSync("ip", ["-batch", "-"], { input: lines.join("\n") }));
}

/** Loads an nftables script in a place. */
export function nft(place: Place, script: string): void {
	within(place, () => execFileSync(nftables.path, ["-f", "-"], { input: script }));
}

/** Sets what is below /proc/sys/net of a place. */
export function setSysctls(place: Place, values: Readonly<Record<string, number>>): void {
	within(place, () => {
		for (const [name, value] of Object.entries(values)) writeFileSync(`/proc/sys/net/${name}`, String(value));
	});
}

/** `10.0.0.5` of `10.0.0.5/24`. */
export function addressOf(cidr: string): string {
	return cidr.replace(/\/.*/, "");
}

function findObstacle(): string | false {
	if (process.env["CI"] === "true") return false;
	if (process.platform !== "linux" || process.geteuid?.() !== 0) return "network namespaces need root on Linux";
	if (!existsSync("/proc/sys/net/ipv6")) return "this kernel has no IPv6";
	return tools.find(({ skip }) => skip !== false)?.skip ?? false;
}

function nextPrefix(): string {
	return `imds-${process.pid}-${labs++}`;
}

function addPlace(t: Lifetime, name: string): Place {
	execFileSync("ip", ["netns", "add", name]);
	const place = { name, path: `/run/netns/${name}` };
	t.after(() => removePlace(place));
	// An address must answer at once, not after a second of asking whether it is somebody else's.
	setSysctls(place, { "ipv6/conf/default/accept_dad": 0 });
	return place;
}

function removePlace({ name }: Place): void {
	for (const pid of execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n")) if (pid !== "") kill(Number(pid));
	execFileSync("ip", ["netns", "delete", name]);
}

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// it ended by itself
	}
}

/** `fd00:1::/64` of `fd00:1::5/64`. */
function prefixOf(cidr: string): string {
	return cidr.replace(/[^:]*\//, "/");
}
