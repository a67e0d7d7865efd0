// Our two tables of nftables, both named openimds: replaced whole, and known again by a fingerprint in their comment.

import { createHash } from "node:crypto";
import { type Command, run } from "./command.ts";

/** A table of ours. */
export interface Table {
	readonly family: "bridge" | "inet";
	/** What is between its braces: one rule or set a line. */
	readonly body: readonly string[];
}

/** What is known of a table of ours in the kernel. */
export type TableState = "as wanted" | "another" | "absent" | { readonly failure: string; readonly notInstalled: boolean };

const NAME = "openimds";

/** Compares the kernel's table with the one that is wanted. */
export async function tableState(family: Table["family"], wanted: Table | undefined): Promise<TableState> {
	const { stdout, failure, notInstalled } = await run({ argv: ["nft", "list", "table", family, NAME] });
	if (failure?.includes("No such file or directory") === true && notInstalled === undefined) return "absent";
	if (failure !== undefined) return { failure, notInstalled: notInstalled !== undefined };
	const lines = stdout.split("\n");
	const isWanted = wanted !== undefined && stdout.includes(`"${fingerprint(wanted)}"`) && ruleCount(lines) === ruleCount(wanted.body);
	return isWanted ? "as wanted" : "another";
}

/** Puts a table in the place of any of its name, in one transaction. */
export function replaceTable(table: Table): Command {
	const { family, body } = table;
	const lines = [`comment "${fingerprint(table)}"`, ...body].map((line) => `\t${line}`);
	const input = [`table ${family} ${NAME}`, `delete table ${family} ${NAME}`, `table ${family} ${NAME} {`, ...lines, "}", ""].join("\n");
	return { argv: ["nft", "-f", "-"], input };
}

/** Removes a table; where there is none, nothing happens. */
export function deleteTable(family: Table["family"]): Command {
	return { argv: ["nft", "-f", "-"], input: `table ${family} ${NAME}\ndelete table ${family} ${NAME}\n` };
}

/** Whether the kernel can match a packet's bridge (`CONFIG_NFT_BRIDGE_META`); who may not ask it is told yes, as almost all can. */
export async function canMatchBridges(): Promise<boolean> {
	const probe = `table bridge ${NAME}_probe {\n chain prerouting {\n type filter hook prerouting priority 0\n meta ibrname "x" accept\n }\n}\n`;
	const { failure } = await run({ argv: ["nft", "--check", "-f", "-"], input: probe });
	return failure?.includes("not supported") !== true;
}

/** The lines of a set. */
export function setOf(name: string, type: string, elements: readonly string[]): readonly string[] {
	const distinct = [...new Set(elements)];
	return [`set ${name} {`, `\t${type}`, ...(distinct.length === 0 ? [] : [`\telements = { ${distinct.join(", ")} }`]), "}"];
}

/** The lines of a base chain that lets pass what no rule drops. */
export function chainOf(hook: string, priority: number, rules: readonly string[]): readonly string[] {
	return [`chain ${hook} {`, `\ttype filter hook ${hook} priority ${priority}; policy accept;`, ...rules.map((rule) => `\t${rule}`), "}"];
}

function fingerprint({ body }: Table): string {
	return `openimds host apply ${createHash("sha256").update(body.join("\n")).digest("hex").slice(0, 16)}`;
}

/** Rules end in a verdict or a statement; nothing else does. */
function ruleCount(lines: readonly string[]): number {
	return lines.filter((line) => /\b(accept|drop|notrack)$/.test(line)).length;
}
