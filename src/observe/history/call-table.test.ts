import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Batch, CallsDelta } from "./batch.ts";
import { HistoryFile } from "./history-file.ts";
import { MINUTE_MS } from "./minute.ts";
import { MEMORY, openHistoryFile } from "./open-history-file.ts";

const HOUR_MS = 60 * MINUTE_MS;
const HOUR = 500_000;
const KNOWN = { ids: [], modes: new Map() };

test("calls are summed by program, over the hours since the one asked, and the busiest program comes first", () => {
	const file = newFile();
	file.apply(batchAt(HOUR, [calls("i-a", "curl", HOUR, [1, 0, 0, 2, 0]), calls("i-b", "boto", HOUR, [0, 0, 0, 4, 0])]), KNOWN);
	file.apply(batchAt(HOUR, [calls("i-a", "curl", HOUR, [1, 0, 0, 0, 0], 1)]), KNOWN);
	file.apply(batchAt(HOUR + 1, [calls("i-a", "curl", HOUR + 1, [0, 0, 5, 0, 0])]), KNOWN);
	const [first, second, ...more] = file.calls(HOUR * HOUR_MS + HOUR_MS - 1);
	assert.deepEqual(first, {
		instanceId: "i-a",
		key: "curl",
		facts: `{"of":"i-a curl at ${HOUR + 1}"}`,
		classes: [2, 0, 5, 2, 0],
		answered: 8,
		rejected: 1,
		firstMs: HOUR * HOUR_MS + 5,
		lastMs: (HOUR + 1) * HOUR_MS + 5,
	});
	assert.equal(second?.key, "boto");
	assert.deepEqual(more, []);
	assert.deepEqual(
		file.calls((HOUR + 1) * HOUR_MS).map(({ key, classes }) => [key, classes]),
		[["curl", [0, 0, 5, 0, 0]]],
	);
});

test("an instance has five hundred programs, and all others are one that says nothing of itself", () => {
	const file = newFile();
	const many = Array.from({ length: 510 }, (_, n) => calls("i-a", `program ${n}`, HOUR, [1, 0, 0, 0, 0]));
	file.apply(
		batchAt(HOUR, [...many, calls("i-b", "curl", HOUR, [1, 0, 0, 0, 0]), calls("i-a", "program 3", HOUR, [1, 0, 0, 0, 0])]),
		KNOWN,
	);
	const rows = file.calls(0).filter(({ instanceId }) => instanceId === "i-a");
	assert.equal(rows.length, 501);
	assert.deepEqual(
		rows.slice(0, 2).map(({ key, classes, facts }) => [key, classes[0], facts]),
		[
			["others", 10, "{}"],
			["program 3", 2, `{"of":"i-a program 3 at ${HOUR}"}`],
		],
	);
	assert.equal(file.calls(0).filter(({ instanceId }) => instanceId === "i-b")[0]?.key, "curl");
});

test("calls and their programs are kept for 63 days, and make room for other programs then", () => {
	const database = openHistoryFile(MEMORY, assert.fail);
	const kept = HOUR + 63 * 24;
	const many = Array.from({ length: 500 }, (_, n) => calls("i-a", `program ${n}`, HOUR, [1, 0, 0, 0, 0]));
	const first = new HistoryFile(database);
	first.apply(batchAt(HOUR, [...many, calls("i-a", "late", HOUR + 1, [1, 0, 0, 0, 0])]), KNOWN);
	assert.equal(passDayBefore(database, kept).calls(0).length, 501);
	assert.deepEqual(keysOf(passDayBefore(database, kept + 1)), ["others"]);
	const file = passDayBefore(database, kept + 2);
	assert.deepEqual(keysOf(file), []);
	file.apply(batchAt(kept + 2, [calls("i-a", "new", kept + 2, [1, 0, 0, 0, 0])]), KNOWN);
	assert.deepEqual(keysOf(file), ["new"]);
});

test("when an instance was last called without a token is what was said last, and of each kind", () => {
	const file = newFile();
	const last = (lastCalls: Batch["lastCalls"]) => file.apply({ ...batchAt(HOUR, []), lastCalls }, KNOWN);
	last([
		{ instanceId: "i-a", v1Ms: 1000 },
		{ instanceId: "i-b", rejectedMs: 7 },
	]);
	last([{ instanceId: "i-a", v1Ms: 2000 }, { instanceId: "i-b", v1Ms: 5 }, { instanceId: "i-c" }]);
	assert.deepEqual(file.lastCalls(), [
		{ instanceId: "i-a", v1Ms: 2000 },
		{ instanceId: "i-b", v1Ms: 5, rejectedMs: 7 },
	]);
});

/** The clock is at that hour, and was all day: what goes ahead is believed only then. Opened anew, since sweeping is done at each start. */
function passDayBefore(database: DatabaseSync, hour: number): HistoryFile {
	const file = new HistoryFile(database);
	for (let minute = (hour - 25) * 60; minute <= hour * 60; minute += 5) {
		file.apply({ ...batchAt(hour, []), atMs: minute * MINUTE_MS }, KNOWN);
	}
	for (const _ of file.keepHouse());
	return file;
}

function keysOf(file: HistoryFile): string[] {
	return file.calls(0).map(({ key }) => key);
}

function newFile(): HistoryFile {
	return new HistoryFile(openHistoryFile(MEMORY, assert.fail));
}

function batchAt(hour: number, calls: readonly CallsDelta[]): Batch {
	return { atMs: hour * HOUR_MS, ids: [], counts: new Uint32Array(), modes: [], calls, lastCalls: [] };
}

function calls(instanceId: string, key: string, hour: number, classes: CallsDelta["classes"], rejected = 0): CallsDelta {
	const facts = JSON.stringify({ of: `${instanceId} ${key} at ${hour}` });
	const answered = classes.reduce((sum, count) => sum + count, 0) - rejected;
	return { instanceId, key, facts, hour, classes, answered, rejected, lastMs: hour * HOUR_MS + 5 };
}
