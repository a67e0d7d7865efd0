/**
 * `npm run parity`: writes what the comments of src/ tag with `AWS:`, `Gap:` or `Quirk:` into docs/parity.md, between its two markers.
 * `npm run parity -- --check` only tells whether that is current. Without line numbers: they would make it stale at every edit.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";

interface Remark {
	readonly room: string;
	readonly kind: string;
	readonly text: string;
	readonly file: string;
}

const PAGE = "docs/parity.md";
const BEGIN = "<!-- parity:begin -->";
const END = "<!-- parity:end -->";
const EMPTY_PAGE = `# Where OpenIMDS and AWS meet, and where they don't\n\n${BEGIN}\n${END}\n`;
const KINDS = ["Gap", "Quirk", "AWS"];

const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : EMPTY_PAGE;
const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`${PAGE} has no section between ${BEGIN} and ${END}`);
const current = `${page.slice(0, begin)}${BEGIN}\n\n${tables(remarks())}\n${page.slice(end)}`;

if (!process.argv.includes("--check")) {
	writeFileSync(PAGE, current);
} else if (current !== page) {
	console.error(`${PAGE} does not list the comments of src/ as they are: run \`npm run parity\``);
	process.exitCode = 1;
}

function remarks(): Remark[] {
	const files = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] }).map((file) => file.replaceAll("\\", "/"));
	return files.toSorted().flatMap(remarksOf);
}

function remarksOf(file: string): Remark[] {
	const room = file.split("/")[1] ?? "";
	const comments = readFileSync(file, "utf8").match(/\/\*\*[^]*?\*\/|(?:^[ \t]*\/\/.*\n?)+|\/\/.*$/gm) ?? [];
	return comments
		.flatMap(paragraphs)
		.flatMap((paragraph) => paragraph.split(/(?<=^|[.;:!?)] )(?=(?:AWS|Gap|Quirk): )/))
		.flatMap((part) => {
			const [, kind, text] = /^(AWS|Gap|Quirk): (.*)$/.exec(part.trim()) ?? [];
			return kind === undefined || text === undefined ? [] : [{ room, kind, text, file }];
		});
}

/** The text of a comment, one line a paragraph; a line that begins with a tag begins one. */
function paragraphs(comment: string): string[] {
	return comment
		.split("\n")
		.map((line) => line.replace(/^\s*(\/\/|\/\*\*|\*(?!\/)) ?/, "").replace(/\s*\*\/$/, ""))
		.join("\n")
		.replaceAll(/\n(?=(AWS|Gap|Quirk): )/g, "\n\n")
		.replaceAll(/\{@link (\w+)\}/g, "`$1`")
		.split(/\n\s*\n/)
		.map((paragraph) => paragraph.replaceAll("\n", " "));
}

function tables(all: readonly Remark[]): string {
	const rooms = Map.groupBy(all, ({ room }) => room);
	return [...rooms].map(([room, its]) => `### ${room}\n\n${table(its)}`).join("\n\n") + "\n";
}

function table(its: readonly Remark[]): string {
	const rows = KINDS.flatMap((kind) => its.filter((remark) => remark.kind === kind)).map(
		({ kind, text, file }) => `| ${kind} | ${text.replaceAll("|", "\\|")} | [${file.split("/").slice(2).join("/") || file}](../${file}) |`,
	);
	return ["| | what | where |", "|---|---|---|", ...rows].join("\n");
}
