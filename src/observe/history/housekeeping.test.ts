import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Batch } from "./batch.ts";
import { HistoryFile, type KnownInstances } from "./history-file.ts";
import { DAY_MINUTES, MINUTE_MS } from "./minute.ts";
import { MEMORY, openHistoryFile } from "./open-history-file.ts";
import { periodsOf } from "./period-rows.ts";

const START = 20_000 * DAY_MINUTES;
const KNOWN = { ids: ["i-a", "i-b"], modes: new Map() };

test("a quiet instance has zeros for all the time that it ran with tokens optional, and takes a row", () => {
	const [file, database] = newFile();
	file.apply({ ...batchAt(START), modes: [{ instanceId: "i-a", minute: START, mode: "optional" }] }, KNOWN);
	countTo(file, START, START + 70 * DAY_MINUTES);
	file.apply({ ...batchAt(START + 70 * DAY_MINUTES), counts: counts(0, START + 70 * DAY_MINUTES, 1) }, KNOWN);
	keepHouse(file);
	const hours = read(file, START, START + 70 * DAY_MINUTES + 60, 60);
	assert.equal(hours.length, 70 * 24 + 1);
	assert.deepEqual(hours[0], { startMs: START * MINUTE_MS, sampleCount: 60, sum: 0, minimum: 0, maximum: 0, percentiles: [0] });
	assert.equal(hours.at(-1)?.sampleCount, 1, "the minute that isn't over is a sample");
	assert.equal(rows(database, "span"), 1);
});

test("counts are rolled up when they are old, and the zeros between them are still known", () => {
	const [file, database] = newFile();
	file.apply(
		{ ...batchAt(START), modes: [{ instanceId: "i-a", minute: START, mode: "optional" }], counts: counts(0, START + 1, 4, START + 3, 2) },
		KNOWN,
	);
	for (const [days, sizes] of [
		[15, "1"],
		[16, "5"],
		[63, "5"],
		[64, "60"],
	] as const) {
		countTo(file, START, START + days * DAY_MINUTES);
		keepHouse(file);
		assert.deepEqual(database.prepare("SELECT group_concat(size) AS sizes FROM packed").get()?.["sizes"], sizes, `after ${days} days`);
		const [hour] = read(file, START, START + 60, 60);
		assert.deepEqual(
			{ ...hour, percentiles: [] },
			{ startMs: START * MINUTE_MS, sampleCount: 60, sum: 6, minimum: 0, maximum: 4, percentiles: [] },
		);
		assert.equal(Number.isNaN(hour?.percentiles[0]), days >= 16, "a percentile of buckets is nobody's to know");
	}
	assert.deepEqual(read(file, START, START + 60, 5), [], "what is older than 63 days is not there in five minutes");
});

test("what is older than 455 days is gone, and so is the instance that nothing else is known of", () => {
	const [file, database] = newFile();
	file.apply(
		{ ...batchAt(START), modes: [{ instanceId: "i-a", minute: START, mode: "required" }], counts: counts(0, START, 1, 1, START, 1) },
		KNOWN,
	);
	countTo(file, START, START + DAY_MINUTES);
	file.apply({ ...batchAt(START + DAY_MINUTES), modes: [{ instanceId: "i-a", minute: START + DAY_MINUTES, mode: "off" }] }, KNOWN);
	for (const [days, expected] of [
		[455, [2, 1, 2]],
		[458, [0, 0, 0]],
	] as const) {
		countTo(file, START + (days - 2) * DAY_MINUTES, START + days * DAY_MINUTES);
		keepHouse(file);
		assert.deepEqual(
			["packed", "span", "instance"].map((name) => rows(database, name)),
			expected,
			`after ${days} days`,
		);
	}
	file.apply({ ...batchAt(START + 458 * DAY_MINUTES), counts: counts(0, START + 458 * DAY_MINUTES, 3) }, KNOWN);
	assert.equal([...file.list(0, (START + 459 * DAY_MINUTES) * MINUTE_MS)].flat()[0]?.instanceId, "i-a", "it may come back");
});

test("an instance is remembered for as long as it runs, and for as long as its counts are", () => {
	const [file, database] = newFile();
	const known = { ids: ["i-runs", "i-counted", "i-gone"], modes: new Map([["i-runs", "required"]] as const) };
	const all = Uint32Array.of(0, START, 0, 1, 1, START, 0, 1, 2, START, 0, 1);
	file.apply({ ...batchAt(START), counts: all, modes: [{ instanceId: "i-runs", minute: START, mode: "required" }] }, known);
	const later = START + 200 * DAY_MINUTES;
	countTo(file, later, later + 2 * DAY_MINUTES, known);
	keepHouse(file);
	file.apply({ ...batchAt(later + 2 * DAY_MINUTES), counts: Uint32Array.of(1, later, 0, 1) }, known);
	countTo(file, START + 455 * DAY_MINUTES, START + 458 * DAY_MINUTES, known);
	// As if it had run without a gap all that time.
	database.exec(`UPDATE instance SET last_minute = ${START} WHERE id = 'i-runs'`);
	keepHouse(file);
	const ids = database.prepare("SELECT id FROM instance ORDER BY id").all();
	assert.deepEqual(
		ids.map(({ id }) => id),
		["i-counted", "i-runs"],
	);
});

test("a mode that changes all the time leaves a row for each minute at most", () => {
	const [file, database] = newFile();
	for (let n = 0; n < 50; n++) {
		const mode = (["optional", "required", "off"] as const)[n % 3] ?? "off";
		file.apply({ ...batchAt(START + (n < 25 ? 0 : 1)), modes: [{ instanceId: "i-a", minute: START + (n < 25 ? 0 : 1), mode }] }, KNOWN);
	}
	assert.ok(rows(database, "span") <= 2);
});

test("what is packed while it is read is read once", () => {
	const [file] = newFile();
	// So far from each other that they are read in slices of their own.
	const ids = Array.from({ length: 400 }, (_, n) => `i-${n}`);
	const all = Uint32Array.from(ids.flatMap((_, handle) => [handle, START + 1, 0, 1]));
	file.apply({ ...batchAt(START + 1), counts: all }, { ids, modes: new Map() });
	file.apply(batchAt(START + 70), KNOWN);
	const instanceIds = ids.filter((_, n) => n % 20 === 0);
	const slices = file.observed({ instanceIds, fromMs: START * MINUTE_MS, toMs: (START + 60) * MINUTE_MS, series: [0] });
	const first = slices.next();
	assert.ok(first.done !== true && first.value.length === 1);
	keepHouse(file);
	assert.deepEqual(
		[...first.value, ...[...slices].flat()].map(({ sums }) => sums),
		instanceIds.map(() => [1]),
	);
});

test("what is packed in part is listed and read once, from where it is", () => {
	const [file] = newFile();
	const ids = Array.from({ length: 100 }, (_, n) => `i-${n}`);
	const [fromMs, toMs] = [START * MINUTE_MS, (START + 60) * MINUTE_MS];
	const all = Uint32Array.from(ids.flatMap((_, handle) => [handle, START + 1, 0, 1]));
	file.apply({ ...batchAt(START + 1), counts: all }, { ids, modes: new Map() });
	const slices = file.keepHouse();
	let count = 0;
	for (; slices.next().done !== true; count++) {
		assert.equal([...file.list(fromMs, toMs)].flat().length, 100);
		const observed = [...file.observed({ instanceIds: ids, fromMs, toMs, series: [0] })].flat();
		assert.ok(observed.every(({ sums }) => sums[0] === 1));
	}
	assert.ok(count > 3);
});

test("a slice that fails as it is committed has done nothing, and is done the next time", () => {
	const [file, database] = newFile();
	file.apply({ ...batchAt(START + 1), counts: counts(0, START + 1, 5) }, KNOWN);
	database.exec(`
		CREATE TABLE parent (id INTEGER PRIMARY KEY);
		CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
		CREATE TRIGGER failing AFTER INSERT ON packed BEGIN INSERT INTO child VALUES (1); END`);
	for (let time = 0; time < 2; time++) {
		assert.throws(() => keepHouse(file), /FOREIGN KEY/);
		assert.deepEqual(
			read(file, START, START + 60, 60).map(({ sum }) => sum),
			[5],
		);
	}
	database.exec("DROP TRIGGER failing");
	keepHouse(file);
	assert.deepEqual(
		read(file, START, START + 60, 60).map(({ sum }) => sum),
		[5],
	);
	assert.equal(rows(database, "packed"), 1);
});

test("a clock that goes two years ahead for a while deletes nothing", () => {
	const [file] = newFile();
	file.apply({ ...batchAt(START), counts: counts(0, START, 1) }, KNOWN);
	countTo(file, START + 730 * DAY_MINUTES, START + 730 * DAY_MINUTES + 600);
	keepHouse(file);
	countTo(file, START + 10, START + 600);
	keepHouse(file);
	assert.deepEqual(
		read(file, START, START + 60, 1).map(({ sum }) => sum),
		[1],
	);
});

test("housekeeping that ends after any slice has lost nothing, and is done the next time", () => {
	for (let slices = 0; ; slices++) {
		const [file] = newFile();
		const many = Array.from({ length: 100 }, (_, n) => `i-${n}`);
		const known = { ids: many, modes: new Map() };
		const all = Uint32Array.from(many.flatMap((_, n) => [n, START + 1, 0, 1, n, START + 2, 7, 1]));
		file.apply({ ...batchAt(START), counts: all }, known);
		countTo(file, START, START + 17 * DAY_MINUTES);
		const end = takeSlices(file, slices);
		const [hours] = [...file.observed({ instanceIds: many, fromMs: START * MINUTE_MS, toMs: (START + 60) * MINUTE_MS, series: [0, 7] })]
			.flat()
			.reduce(([sum], { sums }) => [sum + (sums[0] ?? 0) + (sums[1] ?? 0)], [0]);
		assert.equal(hours, 200, `after ${slices} slices`);
		if (end) break;
		assert.ok(slices < 50);
	}
});

function takeSlices(file: HistoryFile, slices: number): boolean {
	let left = slices;
	for (const _ of file.keepHouse()) if (left-- === 0) return false;
	return true;
}

function keepHouse(file: HistoryFile): void {
	for (const _ of file.keepHouse());
}

/** Batches come all the time, as long as it takes for the clock to be believed. */
function countTo(file: HistoryFile, from: number, to: number, known: KnownInstances = KNOWN): void {
	for (let minute = from; minute <= to; minute += 5) file.apply(batchAt(minute), known);
}

function read(file: HistoryFile, fromMinute: number, toMinute: number, periodMinutes: number) {
	const metrics = [{ instanceId: "i-a", series: [0], zeros: "while-optional", sampleMinutes: 1 }] as const;
	const [fromMs, toMs] = [fromMinute * MINUTE_MS, toMinute * MINUTE_MS];
	const answer = [...file.read({ metrics, fromMs, toMs, periodSeconds: periodMinutes * 60, percentiles: [50] })].flat();
	return answer.flatMap(({ rows }) => periodsOf(rows, 1));
}

function rows(database: DatabaseSync, name: string): number {
	return Number(database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.["count"]);
}

function newFile(): [HistoryFile, DatabaseSync] {
	const database = openHistoryFile(MEMORY, assert.fail);
	return [new HistoryFile(database), database];
}

function batchAt(minute: number): Batch {
	return { atMs: minute * MINUTE_MS, ids: [], counts: new Uint32Array(), modes: [], calls: [], lastCalls: [] };
}

/** Of one series: handle, then pairs of minute and count; or several of these. */
function counts(handle: number, ...rest: number[]): Uint32Array<ArrayBuffer> {
	const [first, ...more] = rest.length % 2 === 0 ? [rest] : [rest.slice(0, 2), rest.slice(2)];
	const made = Array.from({ length: (first?.length ?? 0) / 2 }, (_, n) => [handle, first?.[n * 2] ?? 0, 0, first?.[n * 2 + 1] ?? 0]).flat();
	const [next, ...others] = more[0] ?? [];
	return Uint32Array.from([...made, ...(next === undefined ? [] : counts(next, ...others))]);
}
