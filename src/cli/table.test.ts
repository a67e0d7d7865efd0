import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { type Column, pairs, table } from "./table.ts";

interface Row {
	readonly id: string;
	readonly name: string;
	readonly type: string;
}

const COLUMNS: readonly Column<Row>[] = [
	{ title: "ID", value: ({ id }) => id },
	{ title: "NAME", value: ({ name }) => name, shortest: 6, expendable: 1 },
	{ title: "TYPE", value: ({ type }) => type, expendable: 2 },
];

const ROWS: readonly Row[] = [
	{ id: "i-1", name: "web", type: "t3.micro" },
	{ id: "i-2", name: "a longer name", type: "" },
];

test("columns are aligned, and an empty cell is seen", () => {
	assert.deepEqual(linesAt(undefined), [
		"ID   NAME           TYPE", //
		"i-1  web            t3.micro",
		"i-2  a longer name  -",
	]);
});

test("a narrow terminal shortens what can be shortened first, then leaves out columns, and says which", () => {
	assert.deepEqual(linesAt(24), [
		"ID   NAME       TYPE", //
		"i-1  web        t3.micro",
		"i-2  a longer…  -",
	]);
	assert.deepEqual(linesAt(20), ["ID   NAME", "i-1  web", "i-2  a longer name"]);
	assert.deepEqual(table(ROWS, COLUMNS, terminal(20)).leftOut, ["TYPE"]);
	assert.deepEqual(linesAt(5), ["ID", "i-1", "i-2"]);
});

test("no line is longer than the terminal is wide, as long as columns can be left out", () => {
	for (let width = 3; width < 40; width++) {
		for (const line of linesAt(width)) assert.ok(line.length <= width, `${width}: ${line}`);
	}
});

test("wide characters count twice, and control characters steer nothing", () => {
	const rows = [
		{ id: "日本", name: "\u001b[31mred\u202e", type: "x" },
		{ id: "🚀", name: "café", type: "y" },
	];
	assert.deepEqual(table(rows, COLUMNS, terminal(undefined)).lines.slice(1), [
		"日本  \\u001b[31mred\\u202e  x", //
		"🚀    café                 y",
	]);
});

test("what has several lines goes on below its first one", () => {
	assert.deepEqual(
		pairs([
			["name", "a\nb"],
			["long name", "c"],
		]),
		["name       a\n           b", "long name  c"],
	);
});

function linesAt(width: number | undefined): readonly string[] {
	return table(ROWS, COLUMNS, terminal(width)).lines;
}

/** A stream that is so wide, and shows no colours. */
function terminal(columns: number | undefined): NodeJS.WriteStream {
	return Object.assign(new PassThrough(), { columns }) as unknown as NodeJS.WriteStream;
}
