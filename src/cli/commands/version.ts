import { buildCommand, type CommandContext } from "@stricli/core";
import { readFileSync } from "node:fs";
import { type Context, printJson } from "../context.ts";
import { JSON_FLAG } from "../flags.ts";

interface VersionFlags {
	readonly json?: boolean;
}

export const version = buildCommand<VersionFlags, [], Context>({
	docs: { brief: "Print the version." },
	parameters: { flags: { json: JSON_FLAG } },
	func({ json }) {
		if (json === true) printJson(this, { version: currentVersion(), node: this.process.versions.node });
		else printVersion(this);
	},
});

/** `openimds 0.1.0` */
export function printVersion({ process }: CommandContext): void {
	process.stdout.write(`openimds ${currentVersion()}\n`);
}

function currentVersion(): string {
	const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };
	return version;
}
