import { buildCommand, type CommandContext } from "@stricli/core";
import { type Context, printJson } from "../context.ts";
import { JSON_FLAG } from "../flags.ts";

interface VersionFlags {
	readonly json?: boolean;
}

export const version = buildCommand<VersionFlags, [], Context>({
	docs: { brief: "Print the version." },
	parameters: { flags: { json: JSON_FLAG } },
	async func({ json }) {
		if (json === true) printJson(this, { version: await currentVersion(), node: this.process.versions.node });
		else await printVersion(this);
	},
});

/** `openimds 0.1.0` */
export async function printVersion({ process }: CommandContext): Promise<void> {
	process.stdout.write(`openimds ${await currentVersion()}\n`);
}

async function currentVersion(): Promise<string> {
	const { readFileSync } = await import("node:fs");
	const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };
	return version;
}
