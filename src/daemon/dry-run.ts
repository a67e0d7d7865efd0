// What a start would do to this machine, told and not done.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { printPlace } from "../config/listen.ts";
import { addCommands, planAddresses } from "../host/addresses.ts";
import { printCommand } from "../host/command.ts";
import { type EntrancePlace, placeName } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import type { Stored } from "../model/records.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { plannerOfFile, planFirstStart } from "./configuration-source.ts";
import { STORE_FILE } from "./data-folder.ts";
import { placeIdentity } from "./place-identity.ts";
import { readRecords } from "./records.ts";
import { askedOf, wantedListeners, wishOf } from "./wanted-listeners.ts";

/**
 * Prints where a service with this configuration would listen, and the commands that it would change this machine with.
 *
 * @throws {StartError} or {ConfigurationError} as a start would.
 */
export async function tellWhatWouldStart(config: Config, print: (line: string) => void): Promise<void> {
	const instances = await instancesAfterStart(config);
	const { wanted, problems } = wantedListeners(askedOf(config), instances.map(wishOf));
	const places = wanted.flatMap(({ place }) => place ?? []);
	const present: EntrancePlace[] = [];
	for (const place of places) if ((await placeIdentity(place)) !== undefined) present.push(place);
	const plan = await planAddresses(present);
	for (const own of plan.missing) for (const command of addCommands(own)) print(`would run     ${printCommand(command)}`);
	for (const { listen, place } of wanted) {
		const where = place === undefined ? "" : ` at ${placeName(place)}`;
		print(`would listen  ${printPlace(listen)}${where}${place === undefined || present.includes(place) ? "" : ", once there is one"}`);
	}
	for (const { message, mend } of plan.problems) print(`problem       ${message} This mends it: ${mend}`);
	for (const problem of problems) print(`problem       ${problem}`);
	print("nothing was changed");
}

async function instancesAfterStart(config: Config): Promise<readonly Instance[]> {
	const kept = await keptRecords(config);
	const hasInstance = [...kept.keys()].some((key) => key.startsWith("instance/"));
	const planner = config.configFile === undefined ? planFirstStart : await plannerOfFile(config.configFile);
	const writes = config.configFile !== undefined || !hasInstance ? planner(kept) : [];
	const records = new Map([...kept, ...writes.map(({ key, value }) => [key, value] as const)]);
	return [...records].flatMap(([key, stored]) => (key.startsWith("instance/") && stored !== undefined ? [stored.record as Instance] : []));
}

/** What the store holds; nothing where there is none yet. */
async function keptRecords({ ephemeral, dataDir }: Config): Promise<ReadonlyMap<string, Stored>> {
	const path = join(dataDir, STORE_FILE);
	if (ephemeral || !existsSync(path)) return new Map();
	const store = await openSqliteStore({ path });
	try {
		return await readRecords(store);
	} finally {
		await store.close();
	}
}
