// Answers leave at the interface that the request came in at, because the socket is bound to it. IPv4 needs no route for that: a destination
// without one is taken to be on the link. But it must not refuse a source whose route leads elsewhere. IPv6 does need a route.

import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { type Command, run } from "./command.ts";
import { changeHostRecord, type RpFilterBefore } from "./host-record.ts";
import type { Need, Needs } from "./need.ts";

/** Our routing table, which is asked last, and only for answers out of a bound interface. Numbers that nobody else is likely to have. */
const TABLE = "169254";
const PRIORITY = "40254";

/** What it takes that requests from these sources are not refused at an interface. */
export async function ipv4ReturnPath(device: string, sources: readonly string[]): Promise<Needs> {
	const ipv4Sources = sources.filter((source) => !isIPv6(source));
	const [all, own] = [rpFilterOf("all"), rpFilterOf(device)];
	if (ipv4Sources.length === 0 || all === undefined || own === undefined) return { needs: [], problems: [] };
	const ways = await Promise.all(ipv4Sources.map(async (source) => ({ source, out: await wayTo(source) })));
	// The kernel goes by the larger of the two settings (ip-sysctl, rp_filter): 1 wants the way back to lead out of this interface, 2 out of any.
	const refusedBy = (setting: number) =>
		ways.filter(({ out }) => (setting === 1 && out !== device) || (setting === 2 && out === undefined));
	const lenient = all === 0 ? 0 : 2;
	const wanted = refusedBy(Math.max(all, own)).length === 0 ? own : lenient;
	const need: Need = {
		name: `net.ipv4.conf.${device}.rp_filter`,
		reason: "a strict one drops requests from addresses that the way back to leads elsewhere",
		isInPlace: wanted === own,
		commands: [restoreRpFilter({ interface: device, value: wanted })],
		remember: (recordFile) => rememberRpFilter(recordFile, { interface: device, value: own }),
	};
	const problems = refusedBy(Math.max(all, wanted)).map(({ source }) => ({
		message: `net.ipv4.conf.all.rp_filter is ${all}, which drops requests from ${source}: there is no way back.`,
		mend: `ip route append ${source}/32 dev ${device}`,
	}));
	return { needs: [need], problems };
}

/** What it takes that answers find their way out of interfaces over IPv6. */
export async function ipv6ReturnPath(devices: readonly string[]): Promise<readonly Need[]> {
	const { rules, routes } = await existing();
	return devices.map((device) => ({
		name: `IPv6's way back out of interface ${device}`,
		reason: "an answer takes a route, and there may be none to the guest, or to another guest of its address",
		isInPlace: rules.includes(device) && routes.includes(device),
		commands: [
			...(routes.includes(device) ? [] : [ipv6("route", "append", "default", "dev", device, "table", TABLE)]),
			...(rules.includes(device) ? [] : [ipv6("rule", "add", "pref", PRIORITY, "oif", device, "lookup", TABLE)]),
		],
	}));
}

/** What undoes {@link ipv6ReturnPath}, for all interfaces. */
export async function undoIpv6ReturnPath(): Promise<readonly Command[]> {
	const { rules, routes } = await existing();
	return [
		...rules.map((device) => ipv6("rule", "del", "pref", PRIORITY, "oif", device, "lookup", TABLE)),
		...(routes.length === 0 ? [] : [ipv6("route", "flush", "table", TABLE)]),
	];
}

/** Gives an interface its setting of before. */
export function restoreRpFilter({ interface: device, value }: RpFilterBefore): Command {
	// With slashes, because the name of an interface may have points.
	return { argv: ["sysctl", "-q", "-w", `net/ipv4/conf/${device}/rp_filter=${value}`] };
}

/** The setting of before our first change is what it will be again. */
function rememberRpFilter(recordFile: string, before: RpFilterBefore): void {
	changeHostRecord(recordFile, ({ addresses, rpFilters }) => {
		const isKnown = rpFilters.some((each) => each.interface === before.interface);
		return { addresses, rpFilters: isKnown ? rpFilters : [...rpFilters, before] };
	});
}

/** The setting of an interface, or of `all`; `undefined`: there is no such interface. */
export function rpFilterOf(device: string): number | undefined {
	try {
		return Number(readFileSync(`/proc/sys/net/ipv4/conf/${device}/rp_filter`, "utf8"));
	} catch {
		return undefined; // there is no such file
	}
}

/** The interface that the way to an address leads out of; `undefined`: there is no way. */
async function wayTo(address: string): Promise<string | undefined> {
	const { stdout, failure } = await run({ argv: ["ip", "-j", "route", "get", address] });
	return failure === undefined ? (JSON.parse(stdout) as readonly { dev?: string }[])[0]?.dev : undefined;
}

/** The interfaces that have our rule, and those that have our route. */
async function existing(): Promise<{ readonly rules: readonly string[]; readonly routes: readonly string[] }> {
	const [rules, routes] = await Promise.all([
		run(ipv6("-j", "rule", "show", "pref", PRIORITY)),
		run(ipv6("-j", "route", "show", "table", TABLE)), // fails where nothing was ever put into that table
	]);
	const parsed = <T>({ stdout, failure }: { stdout: string; failure: string | undefined }) =>
		failure === undefined ? (JSON.parse(stdout || "[]") as readonly T[]) : [];
	return {
		rules: parsed<{ oif?: string; table?: string }>(rules).flatMap(({ oif, table }) => (table === TABLE && oif !== undefined ? [oif] : [])),
		routes: parsed<{ dev: string }>(routes).map(({ dev }) => dev),
	};
}

function ipv6(...args: readonly string[]): Command {
	return { argv: ["ip", "-6", ...args] };
}
