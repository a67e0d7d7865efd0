// Text in columns: tables, and names with what they mean.

import { styleText } from "node:util";
import { printable } from "./context.ts";

export interface Column<Row> {
	readonly title: string;
	readonly value: (row: Row) => string;
	/** Where the lines would be too long, columns are left out, the highest number first; missing: never. */
	readonly expendable?: number;
}

/** A table as lines of at most so many characters, if columns can be left out for it, and the titles of those that were. */
export function table<Row>(
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	stream: NodeJS.WriteStream,
): { lines: readonly string[]; leftOut: readonly string[] } {
	const cells = columns.map(({ title, value }) => [title, ...rows.map((row) => printable(value(row)) || "-")]);
	const widths = cells.map((column) => Math.max(...column.map(widthOf)));
	const shown = fitting(columns, widths, stream.columns ?? Infinity);
	const lineOf = (index: number) => shown.map((column) => pad(cells[column]?.[index] ?? "", widths[column] ?? 0)).join(GAP);
	const lines = [-1, ...rows.keys()].map((row) => lineOf(row + 1).trimEnd());
	return {
		lines: lines.map((line, index) => (index === 0 ? styleText("bold", line, { stream }) : line)),
		leftOut: columns.filter((_, index) => !shown.includes(index)).map(({ title }) => title),
	};
}

/** Names and what they mean, one a line; what has several lines goes on below its first one. */
export function pairs(entries: readonly (readonly [name: string, value: string])[]): readonly string[] {
	const width = Math.max(0, ...entries.map(([name]) => widthOf(name)));
	const below = `\n${" ".repeat(width + GAP.length)}`;
	return entries.map(([name, value]) => `${pad(printable(name), width)}${GAP}${value.split("\n").map(printable).join(below)}`.trimEnd());
}

const GAP = "  ";

/** The columns for which there is room. */
function fitting(columns: readonly Column<never>[], widths: readonly number[], room: number): readonly number[] {
	let shown = [...columns.keys()];
	const expendable = shown
		.filter((index) => columns[index]?.expendable !== undefined)
		.toSorted((a, b) => Number(columns[b]?.expendable) - Number(columns[a]?.expendable));
	for (const index of expendable) {
		const length = shown.reduce((sum, each) => sum + (widths[each] ?? 0) + GAP.length, -GAP.length);
		if (length <= room) break;
		shown = shown.filter((each) => each !== index);
	}
	return shown;
}

function pad(text: string, width: number): string {
	return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** How many columns of a terminal a text takes, near enough: East Asian characters and emoji take two, marks none. */
function widthOf(text: string): number {
	if (/^[\x20-\x7e]*$/.test(text)) return text.length;
	const graphemes = [...new Intl.Segmenter().segment(text)];
	return graphemes.reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
