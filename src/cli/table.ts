// Text in columns: tables, and names with what they mean.

import { styleText } from "node:util";
import { printable } from "./context.ts";

export interface Column<Row> {
	readonly title: string;
	readonly value: (row: Row) => string;
	/** Where lines would be too long, its values are shortened to so many characters before any column is left out. */
	readonly shortest?: number;
	/** Where lines still are too long, columns are left out, the highest number first; missing: never. */
	readonly expendable?: number;
}

/** A table as lines that are as long as a terminal is wide, and the titles of the columns there was no room for. */
export function table<Row>(
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	stream: NodeJS.WriteStream,
): { lines: readonly string[]; leftOut: readonly string[] } {
	const cells = columns.map(({ title, value }) => [title, ...rows.map((row) => printable(value(row)) || "-")]);
	const natural = cells.map((column) => Math.max(...column.map(widthOf)));
	const widths = fit(columns, natural, stream.columns ?? Infinity);
	const lines = [-1, ...rows.keys()].map((row) =>
		[...widths]
			.map(([column, width]) => pad(shorten(cells[column]?.[row + 1] ?? "", width), width))
			.join(GAP)
			.trimEnd(),
	);
	return {
		lines: lines.map((line, index) => (index === 0 ? styleText("bold", line, { stream }) : line)),
		leftOut: columns.filter((_, index) => !widths.has(index)).map(({ title }) => title),
	};
}

/** Names and what they mean, one a line; what has several lines goes on below its first one. */
export function pairs(entries: readonly (readonly [name: string, value: string])[]): readonly string[] {
	const width = Math.max(0, ...entries.map(([name]) => widthOf(name)));
	const below = `\n${" ".repeat(width + GAP.length)}`;
	return entries.map(([name, value]) => `${pad(printable(name), width)}${GAP}${value.split("\n").map(printable).join(below)}`.trimEnd());
}

const GAP = "  ";

/** The columns for which there is room, and the width of each. */
function fit(columns: readonly Column<never>[], natural: readonly number[], room: number): ReadonlyMap<number, number> {
	const widths = new Map(natural.entries());
	const missing = () => [...widths.values()].reduce((sum, width) => sum + width + GAP.length, -GAP.length) - room;
	const shrink = () => {
		for (const [index, { shortest = Infinity }] of columns.entries()) {
			const width = natural[index] ?? 0;
			if (widths.has(index)) widths.set(index, width);
			if (widths.has(index) && missing() > 0) widths.set(index, Math.min(width, Math.max(shortest, width - missing())));
		}
	};
	shrink();
	const expendable = columns.map((column, index) => ({ index, rank: column.expendable ?? 0 })).filter(({ rank }) => rank > 0);
	for (const { index } of expendable.toSorted((a, b) => b.rank - a.rank)) {
		if (missing() <= 0) break;
		widths.delete(index);
		shrink();
	}
	return widths;
}

function pad(text: string, width: number): string {
	return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

function shorten(text: string, width: number): string {
	if (widthOf(text) <= width) return text;
	let short = "";
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		if (widthOf(short + segment) >= width) break;
		short += segment;
	}
	return `${short}…`;
}

/** How many columns of a terminal a text takes, near enough: East Asian characters and emoji take two, marks none. */
function widthOf(text: string): number {
	if (/^[\x20-\x7e]*$/.test(text)) return text.length;
	const graphemes = [...new Intl.Segmenter().segment(text)];
	return graphemes.reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
