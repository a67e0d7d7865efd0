// Where the records of a service come from: a configuration file, or the first start.

import { randomBytes } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { firstStart, type FirstStartChoices } from "../config/first-start.ts";
import { plan, type Write } from "../config/plan.ts";
import type { Stored } from "../model/records.ts";

/** What to write, given what is there. */
export type Planner = (records: ReadonlyMap<string, Stored>) => readonly Write[];

/** How long a file must be quiet before it is read: editors write in several steps. */
const QUIET_MS = 100;

/** Reads a configuration file now, and plans by it. The reader is loaded only here: a start without a file is faster. */
export async function plannerOfFile(path: string): Promise<Planner> {
	const { planFile } = await import("../config/declaration-file.ts");
	return (records) => planFile(path, records, Date.now());
}

/** Makes one sensible instance, with an id of chance. */
export function planFirstStart(records: ReadonlyMap<string, Stored>, choices?: FirstStartChoices): readonly Write[] {
	return plan(firstStart(`i-${randomBytes(9).toString("hex").slice(1)}`, choices), records, "first-start", Date.now());
}

/** Calls `changed` after a file was written, replaced or made, and `failed` if the system can't tell any more. */
export function watchFile(path: string, changed: () => void, failed: (error: Error) => void): FSWatcher {
	let quiet: NodeJS.Timeout | undefined;
	// The folder is watched, not the file: editors and ConfigMaps put another file in its place.
	const watcher = watch(dirname(path), (_, name) => {
		if (name !== null && name !== basename(path) && !name.startsWith("..")) return;
		clearTimeout(quiet);
		quiet = setTimeout(changed, QUIET_MS);
	});
	return watcher.on("error", failed);
}
