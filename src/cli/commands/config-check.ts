import { buildCommand } from "@stricli/core";
import type { Declaration } from "../../config/declaration.ts";
import { ConfigurationError } from "../../config/configuration-error.ts";
import { type Context, print, printJson } from "../context.ts";
import { EXIT } from "../failure.ts";
import { JSON_FLAG } from "../flags.ts";

interface CheckFlags {
	readonly json?: boolean;
}

export const configCheck = buildCommand<CheckFlags, [file: string], Context>({
	docs: {
		brief: "Check a configuration file.",
		fullDescription: `
Reads a configuration file as "openimds serve --config FILE" does, and prints what is wrong in it: file, line and column, field, what is
allowed. Nothing is changed, and no service needs to run.

Examples:
  openimds config check openimds.yaml
  openimds config check openimds.yaml --json`,
	},
	parameters: {
		positional: { kind: "tuple", parameters: [{ placeholder: "FILE", parse: String, brief: "YAML or JSON." }] },
		flags: { json: JSON_FLAG },
	},
	async loader() {
		const { planFile, readDeclaration } = await import("../../config/declaration-file.ts");
		return function ({ json }, file) {
			try {
				planFile(file, new Map(), Date.now());
				const counts = countsOf(readDeclaration(file));
				if (json === true) printJson(this, { file, ok: true, declares: counts });
				else print(this, `${file}: ok (${inWords(counts)})`);
			} catch (error) {
				if (json !== true || !(error instanceof ConfigurationError)) throw error;
				printJson(this, { file, ok: false, problems: error.problems });
				this.process.exitCode = EXIT.failed;
			}
		};
	},
});

/** How many of each kind a file declares. */
function countsOf({ instances = [], ...others }: Declaration): Readonly<Record<string, number>> {
	const lists = Object.entries({ instances, ...others }).filter(
		([name, list]) => Array.isArray(list) && (list.length > 0 || name === "instances"),
	);
	return Object.fromEntries(lists.map(([name, list]) => [name, (list as readonly unknown[]).length]));
}

/** `3 instances, 1 instance profile` */
function inWords(counts: Readonly<Record<string, number>>): string {
	return Object.entries(counts)
		.map(([name, count]) => {
			const words = name.replace("vpcs", "VPCs").replaceAll(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
			return `${count} ${count === 1 ? words.replace(/s$/, "") : words}`;
		})
		.join(", ");
}
