// What of a host's needs is there, line by line, and what else a service with the endpoint's own addresses takes.

import { readFileSync } from "node:fs";
import { openHopLimit } from "../linux/hop-limit.ts";
import type { EntrancePlace } from "../model/endpoint-binding.ts";
import { nameOf, within } from "./addresses.ts";
import { run } from "./command.ts";
import type { HostPlan } from "./host-plan.ts";
import { readHostRecord } from "./host-record.ts";
import { type Capability, lackingOf } from "./privileges.ts";

/** One line of a check. */
export interface Finding {
	/** What was looked at; a sentence where it is not as it must be. */
	readonly name: string;
	readonly isOk: boolean;
	/** The command that mends it. */
	readonly mend?: string;
}

/** What a check is told. */
export interface CheckedService {
	/** The process that serves on this data folder; `undefined`: none does. */
	readonly pid: number | undefined;
	/** Which addresses it has added, and would have to remove. */
	readonly recordFile: string;
	/** `sudo openimds host apply …`, for the same instances. */
	readonly applyCommand: string;
	readonly cleanCommand: string;
}

/** Looks at everything that is needed. Changes nothing. */
export async function checkHost({ places, needs, problems }: HostPlan, service: CheckedService): Promise<readonly Finding[]> {
	const networks = Map.groupBy(places, ({ networkNamespace }) => networkNamespace);
	const port80 = await Promise.all([...networks.values()].map((group) => portFindings(group, service.pid)));
	return [
		...needs.map(({ name, isInPlace }): Finding => ({ name, isOk: isInPlace, ...(isInPlace ? {} : { mend: service.applyCommand }) })),
		...problems.map(({ message, mend }): Finding => ({ name: message, isOk: false, mend })),
		hopLimitFinding(),
		...privilegeFindings(places),
		...port80.flat(),
		...leftoverFindings(service),
	];
}

function hopLimitFinding(): Finding {
	const hopLimit = openHopLimit();
	if (!("reason" in hopLimit)) return { name: "hop limits can be set", isOk: true };
	return {
		name: `Hop limits can't be set: ${hopLimit.reason}.`,
		isOk: false,
		mend: "npm install -g openimds    # with its optional packages",
	};
}

function privilegeFindings(places: readonly EntrancePlace[]): readonly Finding[] {
	const lowestPort = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
	const needed: readonly Capability[] = [
		"CAP_NET_ADMIN",
		...(lowestPort <= PORT ? [] : (["CAP_NET_BIND_SERVICE"] as const)),
		...(places.some(({ networkNamespace }) => networkNamespace !== undefined) ? (["CAP_SYS_ADMIN"] as const) : []),
	];
	const lacking = lackingOf(needed);
	if (lacking.length === 0) return [{ name: `this user has ${needed.join(", ")}`, isOk: true }];
	const name = `This user lacks ${lacking.join(" and ")}, which "openimds serve --link-local" takes.`;
	return [{ name, isOk: false, mend: "sudo openimds host check" }];
}

/** Whoever else listens on port 80 of the endpoint's addresses, or of all, in one network. */
async function portFindings(places: readonly EntrancePlace[], pid: number | undefined): Promise<readonly Finding[]> {
	const [place = {}] = places;
	const where = place.networkNamespace === undefined ? "this host" : `namespace ${place.networkNamespace}`;
	const { stdout, failure } = await run(within(place, "ss", "-Hltnp", `sport = :${PORT}`));
	if (failure !== undefined) return []; // planAddresses() tells why a network can't be looked into
	const devices = new Set(places.map(({ interface: name }) => name ?? "lo"));
	const others = stdout.split("\n").flatMap((line) => {
		const [, , , local = "", , process = ""] = line.trim().split(/\s+/);
		const [, address = "", device] = /^\[?([^\]%]*)\]?(?:%([^\]:]+))?\]?:\d+$/.exec(local) ?? [];
		const isInTheWay = TAKEN.includes(address) && (device === undefined || devices.has(device));
		return isInTheWay && !(pid !== undefined && process.includes(`pid=${pid},`)) ? [{ local, process }] : [];
	});
	if (others.length === 0) return [{ name: `port ${PORT} of the endpoint's addresses on ${where}`, isOk: true }];
	return others.map(({ local, process }) => {
		const [, name, id] = /\(\("([^"]*)",pid=(\d+)/.exec(process) ?? [];
		const who = name === undefined ? "Another program" : `${name} (process ${id})`;
		return {
			name: `${who} listens on ${local} of ${where}, where the endpoint has to.`,
			isOk: false,
			mend: `kill ${id ?? "PID"}    # or have it listen elsewhere`,
		};
	});
}

function leftoverFindings({ pid, recordFile, cleanCommand }: CheckedService): readonly Finding[] {
	if (pid !== undefined) return [];
	return readHostRecord(recordFile).addresses.map((own) => ({
		name: `${nameOf(own)} was left there by a service that was killed.`,
		isOk: false,
		mend: cleanCommand,
	}));
}

const PORT = 80;

/** Local addresses that leave no room for the endpoint's, as ss prints them. */
const TAKEN = ["0.0.0.0", "*", "::", "169.254.169.254", "fd00:ec2::254"];
