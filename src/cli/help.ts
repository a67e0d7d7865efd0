// `--help` of a command: what it does, its arguments and flags, examples.

import type { Application, ApplicationFlagFunction, Command, RouteMap } from "@stricli/core";
import { styleText } from "node:util";
import type { Context } from "./context.ts";
import { flagName } from "./messages.ts";

/** Prints the help of what the command line names. */
export const printHelp: ApplicationFlagFunction<Context> = function (application, { result: { target, prefix } }) {
	const stream = this.process.stdout as NodeJS.WriteStream;
	const width = Math.min(stream.columns ?? WIDTH, WIDTH_MAX);
	const sections = "parameters" in target ? commandHelp(target, prefix) : routesHelp(target, prefix, target === application.root);
	const heading = (text: string) => styleText("bold", text, { stream });
	stream.write(sections.map((section) => printSection(section, width, heading)).join("\n"));
};

type Target = Application<Context>["root"];
type Flag = NonNullable<Command<Context>["parameters"]["flags"]>[string];

/** Prose, of which indented lines are left as they are, or a titled list of names and what they mean. */
interface Section {
	readonly title?: string;
	readonly prose?: string;
	readonly list?: readonly (readonly [name: string, meaning: string])[];
}

const WIDTH = 80;
const WIDTH_MAX = 100;
const NAME_WIDTH_MAX = 30;
const HELP = ["  -h, --help", "Print this."] as const;

function commandHelp(
	{ parameters: { flags = {}, aliases = {}, positional }, ...target }: Command<Context>,
	prefix: readonly string[],
): Section[] {
	const places = positional?.kind === "array" ? [positional.parameter] : (positional?.parameters ?? []);
	const usage = places.map(({ placeholder = "", optional }) => (optional === true ? `[${placeholder}]` : placeholder)).join(" ");
	const repeated = positional?.kind === "array" ? "..." : "";
	const letters = new Map(Object.entries(aliases).map(([letter, name]) => [name, letter]));
	const rows = Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
	return [
		{ title: "Usage:", prose: `  ${prefix.join(" ")} [FLAGS] ${usage}${repeated}`.trimEnd() },
		...described(target),
		...(places.length === 0
			? []
			: [{ title: "Arguments:", list: places.map(({ placeholder = "", brief }) => [`  ${placeholder}`, brief] as const) }]),
		{ title: "Flags:", list: [...rows.map(([name, flag]) => [flagLabel(name, flag, letters.get(name)), flag.brief] as const), HELP] },
		...examplesOf(target),
	];
}

function routesHelp(routes: RouteMap<Context>, prefix: readonly string[], isRoot: boolean): Section[] {
	const commands = routes.getAllEntries().filter(({ hidden }) => !hidden);
	const version = ["      --version", "Print the version."] as const;
	return [
		{ title: "Usage:", prose: `  ${prefix.join(" ")} COMMAND [FLAGS] [ARGUMENTS]` },
		...described(routes),
		{ title: "Commands:", list: commands.map(({ name, target }) => [`  ${name.original}`, target.brief]) },
		...(isRoot ? [{ prose: `"${prefix.join(" ")} COMMAND --help" tells more, with examples.` }] : []),
		{ title: "Flags:", list: isRoot ? [HELP, version] : [HELP] },
		...examplesOf(routes),
	];
}

function flagLabel(name: string, flag: Flag, letter: string | undefined): string {
	const long = flag.kind === "boolean" && flag.withNegated !== false ? flagName(name).replace("--", "--[no-]") : flagName(name);
	const value = flag.kind === "enum" ? flag.values.join("|") : flag.kind === "parsed" ? (flag.placeholder ?? "VALUE") : "";
	return `  ${letter === undefined ? "   " : `-${letter},`} ${long} ${value}`.trimEnd();
}

/** A full description is prose, and after a line that says so, examples. */
const EXAMPLES = /^Examples:\n/m;

function described({ brief, fullDescription = brief }: Pick<Target, "brief" | "fullDescription">): Section[] {
	const [prose = ""] = fullDescription.split(EXAMPLES);
	return [{ prose: prose.trim() }];
}

function examplesOf({ fullDescription = "" }: Pick<Target, "fullDescription">): Section[] {
	const [, examples] = fullDescription.split(EXAMPLES);
	return examples === undefined ? [] : [{ title: "Examples:", prose: examples.trimEnd() }];
}

function printSection({ title, prose, list = [] }: Section, width: number, heading: (text: string) => string): string {
	const indent = Math.min(NAME_WIDTH_MAX, Math.max(0, ...list.map(([name]) => name.length))) + 2;
	const rows = list.map(([name, meaning]) => {
		const lines = wrap(meaning, width - indent);
		const first = name.length + 2 > indent ? [name] : [name.padEnd(indent) + (lines.shift() ?? "")];
		return [...first, ...lines.map((line) => " ".repeat(indent) + line)].join("\n");
	});
	const paragraphs = prose === undefined ? [] : [reflow(prose, width)];
	return `${[...(title === undefined ? [] : [heading(title)]), ...paragraphs, ...rows].join("\n")}\n`;
}

function reflow(prose: string, width: number): string {
	const lines = (part: string) => (/^\s/.test(part) ? part : wrap(part.replaceAll("\n", " "), width).join("\n"));
	const paragraph = (text: string) =>
		text
			.split(/\n(?=[ \t])/)
			.map(lines)
			.join("\n");
	return prose.split("\n\n").map(paragraph).join("\n\n");
}

function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const last = lines.at(-1);
		if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
		else lines[lines.length - 1] = `${last} ${word}`;
	}
	return lines;
}
