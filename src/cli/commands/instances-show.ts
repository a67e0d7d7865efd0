import { buildCommand } from "@stricli/core";
import type { InstanceDetail } from "../../daemon/control-messages.ts";
import { completeInstanceIds } from "../completions.ts";
import { type Context, print, printable, printJson } from "../context.ts";
import { Failure, UsageError } from "../failure.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";

interface ShowFlags {
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const instancesShow = buildCommand<ShowFlags, [id?: string], Context>({
	docs: {
		brief: "Print all facts of an instance.",
		fullDescription: `
Prints all facts of an instance, under the names that they have in EC2 and in openimds.yaml. User data may hold secrets: its size is
printed, not what it says.

Examples:
  openimds instances show i-1234567890abcdef0
  openimds instances show i-1234567890abcdef0 --json`,
	},
	parameters: {
		positional: {
			kind: "tuple",
			parameters: [
				{
					placeholder: "ID",
					optional: true,
					parse: String,
					brief: "The instance; the only one there is, if left out.",
					proposeCompletions() {
						return completeInstanceIds(this);
					},
				},
			],
		},
		flags: { json: JSON_FLAG, dataDir: DATA_DIR },
	},
	async loader() {
		const { noInstance, runningService } = await import("../running-service.ts");
		return async function ({ json, dataDir }, id) {
			const service = runningService(this, dataDir);
			const detail = id === undefined ? undefined : await service.instance(id);
			if (detail !== undefined) return show(this, detail, json === true);
			const ids = (await service.get("/instances")).map(({ instanceId }) => instanceId);
			if (id !== undefined) throw noInstance(id, ids);
			const [only] = ids;
			if (only === undefined) throw new Failure("There are no instances to show.");
			if (ids.length > 1) throw new UsageError(`ID is missing: there are ${ids.length} instances. "openimds instances" lists them.`);
			show(this, (await service.instance(only))!, json === true);
		};
	},
});

function show(context: Context, detail: InstanceDetail, json: boolean): void {
	if (json) return printJson(context, detail);
	const { instance, metadataOptionsState, listeners } = detail;
	const { appliedMetadataOptions, ...facts } = instance;
	const applied = metadataOptionsState === "pending" ? { appliedMetadataOptions } : {};
	print(context, ...outline({ ...facts, ...applied, metadataOptionsState, listeners }));
}

/** An object as an outline, in the manner of YAML; empty lists are left out. */
function outline(object: object, indent = ""): readonly string[] {
	const entries = Object.entries(object) as [string, unknown][];
	return entries.flatMap(([name, value]) => {
		const label = `${indent}${printable(name)}:`;
		if (typeof value !== "object" || value === null) return [`${label} ${printable(String(value))}`];
		if (!Array.isArray(value)) return [label, ...outline(value, `${indent}  `)];
		return value.length === 0 ? [] : [label, ...value.flatMap((item: unknown) => listItem(item, `${indent}  `))];
	});
}

function listItem(item: unknown, indent: string): readonly string[] {
	if (typeof item !== "object" || item === null) return [`${indent}- ${printable(String(item))}`];
	return outline(item, `${indent}  `).map((line, index) => (index === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line));
}
