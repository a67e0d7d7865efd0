// Flags and arguments that several commands have.

import { homedir } from "node:os";
import { readConfig } from "../config/config.ts";
import { completeInstanceIds } from "./completions.ts";
import type { Context } from "./context.ts";

export const JSON_FLAG = { kind: "boolean", optional: true, withNegated: false, brief: "Print JSON, for programs." } as const;

/** Without what it is for. */
export const INSTANCE = {
	kind: "parsed",
	parse: String,
	optional: true,
	placeholder: "ID",
	proposeCompletions(this: Context): Promise<readonly string[]> {
		return completeInstanceIds(this);
	},
} as const;

export const DATA_DIR = {
	kind: "parsed",
	parse: String,
	optional: true,
	placeholder: "FOLDER",
	brief: "The data folder of the running service, if it is not the default one.",
} as const;

/** The absolute path of the data folder that a command is about. */
export function dataDirOf({ process }: Context, dataDir: string | undefined): string {
	const surroundings = { environment: process.env, homeDir: homedir(), workingDir: process.cwd() };
	return readConfig(dataDir === undefined ? {} : { dataDir }, surroundings).dataDir;
}
