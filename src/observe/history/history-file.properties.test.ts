// A history in memory that keeps every minute as it is says what the file's should, after whatever happened to that.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Batch, InstanceMode } from "./batch.ts";
import { type CountedTime, GAP_MINUTES, advance, isContinuous } from "./counted-time.ts";
import { HistoryFile } from "./history-file.ts";
import type { MetricOfInstance, MetricQuery, PeriodStatistics } from "../metric-reader.ts";
import { DAY_MINUTES, MINUTE_MS } from "./minute.ts";
import { openHistoryFile } from "./open-history-file.ts";
import { periodsOf } from "./period-rows.ts";

const IDS = ["i-a", "i-b", "i-c"];
const SERIES = [0, 7];
const START = 20_000 * DAY_MINUTES + 600;
const MODES = ["optional", "required", "off"] as const;

interface Count {
	readonly instance: number;
	readonly minutesAgo: number;
	readonly series: number;
	readonly count: number;
}
type Step =
	| {
			readonly batch: {
				readonly minutes: number;
				readonly counts: readonly Count[];
				readonly modes: readonly (readonly [number, number, InstanceMode])[];
			};
	  }
	| { readonly slices: number }
	| { readonly restart: "closed" | "killed" };

const minutesAgo = fc.oneof({ weight: 6, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(90 * DAY_MINUTES) });
const count = fc.record({ instance: fc.nat(2), minutesAgo, series: fc.constantFrom(...SERIES), count: fc.integer({ min: 1, max: 300 }) });
const batch = fc.record({
	minutes: fc.oneof(
		{ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) },
		{ weight: 2, arbitrary: fc.integer({ min: 5, max: 300 }) },
		{ weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((days) => days * DAY_MINUTES) },
		{ weight: 1, arbitrary: fc.integer({ min: -3000, max: -1 }) },
	),
	counts: fc.array(count, { maxLength: 6 }),
	modes: fc.array(fc.tuple(fc.nat(2), fc.nat(8), fc.constantFrom(...MODES)), { maxLength: 3 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 8, arbitrary: batch.map((batch) => ({ batch })) },
	{ weight: 2, arbitrary: fc.oneof(fc.nat(4), fc.constant(Infinity)).map((slices) => ({ slices })) },
	{ weight: 1, arbitrary: fc.constantFrom("closed", "killed").map((restart) => ({ restart }) as const) },
);

test("what is known is what was counted, after any batches, clocks, housekeeping, restarts and kills", (t) => {
	const folder = makeFolder(t);
	let files = 0;
	fc.assert(
		fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
			let path = join(folder, `${files++}.sqlite`);
			let file = open(path);
			const naive = new NaiveHistory();
			let minute = START;
			for (const step of steps) {
				if ("batch" in step) {
					minute += step.batch.minutes;
					const batch = naive.batchOf(minute, step.batch);
					file.apply(batch, { ids: IDS, modes: naive.modes });
					naive.apply(batch);
				} else if ("slices" in step) {
					let left = step.slices;
					for (const _ of file.keepHouse()) if (left-- <= 0) break;
				} else {
					const before = path;
					if (step.restart === "closed") file.close();
					else {
						path = join(folder, `${files++}.sqlite`);
						copyFileSync(before, path);
						if (existsSync(`${before}-wal`)) copyFileSync(`${before}-wal`, `${path}-wal`);
						file.close();
					}
					file = open(path);
					naive.interrupted = true;
				}
			}
			checkAll(file, naive);
			for (const _ of file.keepHouse());
			checkAll(file, naive);
			file.close();
		}),
		{ numRuns: 40 },
	);
});

/** Every minute, for ever. */
class NaiveHistory {
	readonly counts = new Map<string, number>();
	readonly spans: { readonly id: string; readonly mode: InstanceMode; since: number; until: number | undefined }[] = [];
	readonly modes = new Map<string, InstanceMode>();
	time: CountedTime | undefined;
	/** The latest minute that retention ever counted from: what was older than its time then may be rolled up. */
	latestRetention = 0;
	interrupted = true;

	/** Late counts of minutes that have some already are left out: how many minutes those are is not known any more once they are rolled up. */
	batchOf(
		minute: number,
		{ counts, modes }: { readonly counts: readonly Count[]; readonly modes: readonly (readonly [number, number, InstanceMode])[] },
	): Batch {
		const kept = counts.filter(
			({ instance, minutesAgo, series }) =>
				(minutesAgo < 4 && minute > this.latestRetention - 14 * DAY_MINUTES) ||
				!this.counts.has(key(IDS[instance] ?? "", series, minute - minutesAgo)),
		);
		return {
			atMs: minute * MINUTE_MS + 17_000,
			ids: [],
			counts: Uint32Array.from(kept.flatMap(({ instance, minutesAgo, series, count }) => [instance, minute - minutesAgo, series, count])),
			modes: modes.map(([instance, ago, mode]) => ({ instanceId: IDS[instance] ?? "", minute: minute + 1 - ago, mode })),
			calls: [],
			lastCalls: [],
		};
	}

	apply({ atMs, counts, modes }: Batch): void {
		const minute = Math.floor(atMs / MINUTE_MS);
		const earliest = this.interrupted || !isContinuous(this.time, minute) ? minute : minute - GAP_MINUTES;
		if (earliest === minute) {
			for (const span of this.spans) span.until ??= (this.time?.countedTo ?? 0) + 1;
			for (const [id, mode] of this.modes) this.#set(id, minute, mode);
		}
		this.interrupted = false;
		this.time = advance(this.time, minute);
		this.latestRetention = Math.max(this.latestRetention, this.time.retentionMinute);
		for (let n = 0; n < counts.length; n += 4) {
			const [handle = 0, minute = 0, series = 0, count = 0] = counts.subarray(n, n + 4);
			const at = key(IDS[handle] ?? "", series, minute);
			this.counts.set(at, (this.counts.get(at) ?? 0) + count);
		}
		for (const change of modes) {
			this.#set(change.instanceId, Math.min(minute, Math.max(earliest, change.minute)), change.mode);
			this.modes.set(change.instanceId, change.mode);
		}
	}

	covered(id: string, minute: number, zeros: MetricOfInstance["zeros"]): boolean {
		const now = (this.time?.countedTo ?? 0) + 1;
		return this.spans.some(
			(span) =>
				span.id === id &&
				zeros !== "never" &&
				(zeros === "while-running" || span.mode === "optional") &&
				span.since <= minute &&
				minute < (span.until ?? now),
		);
	}

	#set(id: string, minute: number, mode: InstanceMode): void {
		const open = this.spans.findIndex((span) => span.id === id && span.until === undefined);
		const span = this.spans[open];
		if (span?.mode === mode && span.since <= minute) return;
		if (span !== undefined && span.since >= minute) this.spans.splice(open, 1);
		else if (span !== undefined) span.until = minute;
		if (mode === "off") return;
		// A span that has just ended goes on.
		const touching = this.spans.find(
			(span) => span.id === id && span.mode === mode && span.since <= minute && (span.until === minute || span.until === minute + 1),
		);
		if (touching === undefined) this.spans.push({ id, mode, since: minute, until: undefined });
		else touching.until = undefined;
	}
}

function checkAll(file: HistoryFile, naive: NaiveHistory): void {
	const { time, latestRetention } = naive;
	if (time === undefined) return;
	checkLists(file, naive, time);
	const metrics = IDS.flatMap((instanceId) =>
		(["while-optional", "while-running", "never"] as const).flatMap((zeros) =>
			([1, 5] as const).map((sampleMinutes) => ({ instanceId, series: [0], zeros, sampleMinutes })),
		),
	);
	const both = IDS.map((instanceId) => ({ instanceId, series: SERIES, zeros: "never", sampleMinutes: 1 }) as const);
	for (const [periodMinutes, days] of [
		[1, 15],
		[5, 63],
		[60, 455],
	] as const) {
		const oldest = Math.max(latestRetention, time.countedTo) - days * DAY_MINUTES;
		const toMinute = Math.ceil((time.countedTo + DAY_MINUTES) / periodMinutes) * periodMinutes;
		const fromMinute =
			Math.ceil((periodMinutes === 1 ? Math.max(oldest, toMinute - 3 * DAY_MINUTES) : oldest) / periodMinutes) * periodMinutes;
		const percentiles = periodMinutes === 1 ? [100] : [];
		const query: MetricQuery = {
			metrics: periodMinutes === 1 ? [...metrics, ...both] : metrics,
			fromMs: fromMinute * MINUTE_MS,
			toMs: toMinute * MINUTE_MS,
			periodSeconds: periodMinutes * 60,
			percentiles,
		};
		const answer = new Map([...file.read(query)].flat().map(({ index, rows }) => [index, periodsOf(rows, percentiles.length)]));
		for (const [index, metric] of query.metrics.entries()) check(answer.get(index) ?? [], metric, query, naive);
	}
}

/** What is listed and observed of some days of which every minute is known. */
function checkLists(file: HistoryFile, naive: NaiveHistory, time: CountedTime): void {
	const from = Math.max(naive.latestRetention - 14 * DAY_MINUTES, time.countedTo - 2 * DAY_MINUTES - 77) + 70;
	const counted = [...naive.counts.keys()].map((at) => Number(at.split("/")[2])).filter((minute) => minute >= from);
	const windows = [
		[from, time.countedTo + 1],
		[from, time.countedTo - DAY_MINUTES - 33],
	];
	for (const minute of counted.slice(-2)) windows.push([minute, minute + 1], [minute + 1, minute + 70], [minute - 70, minute]);
	for (const [from = 0, to = 0] of windows) {
		const expected = IDS.map((instanceId) => {
			const minutes = [...interestingMinutes(naive, instanceId, from, to)];
			const covered = (zeros: MetricOfInstance["zeros"]) => minutes.filter((minute) => naive.covered(instanceId, minute, zeros)).length;
			const sums = SERIES.map((series) =>
				minutes.reduce((sum, minute) => sum + (naive.counts.get(key(instanceId, series, minute)) ?? 0), 0),
			);
			return { instanceId, minutes: covered("while-running"), optionalMinutes: covered("while-optional"), sums };
		});
		const [fromMs, toMs] = [from * MINUTE_MS, to * MINUTE_MS];
		const observed = new Map(
			[...file.observed({ instanceIds: IDS, fromMs, toMs, series: SERIES })].flat().map((one) => [one.instanceId, one]),
		);
		for (const one of expected) {
			assert.deepEqual(observed.get(one.instanceId) ?? { instanceId: one.instanceId, minutes: 0, optionalMinutes: 0, sums: [0, 0] }, one);
		}
		const listed = expected
			.filter(({ minutes, sums }) => minutes > 0 || sums.some((sum) => sum > 0))
			.map(({ instanceId, minutes, optionalMinutes, sums }) => ({
				instanceId,
				series: SERIES.filter((_, n) => (sums[n] ?? 0) > 0),
				ran: minutes > 0,
				ranOptional: optionalMinutes > 0,
			}));
		assert.deepEqual(
			[...file.list(fromMs, toMs)].flat().toSorted((a, b) => a.instanceId.localeCompare(b.instanceId)),
			listed,
		);
	}
}

function check(periods: readonly PeriodStatistics[], metric: MetricOfInstance, query: MetricQuery, naive: NaiveHistory): void {
	const periodMinutes = query.periodSeconds / 60;
	const [from, to] = [query.fromMs / MINUTE_MS, query.toMs / MINUTE_MS + 4];
	const expected = new Map<number, { values: number[]; isExact: boolean }>();
	for (const minute of interestingMinutes(naive, metric.instanceId, from, to)) {
		const count = metric.series.reduce((sum, series) => sum + (naive.counts.get(key(metric.instanceId, series, minute)) ?? 0), 0);
		const isCovered = naive.covered(metric.instanceId, minute, metric.zeros);
		if (count === 0 && !isCovered) continue;
		const sampleStart = minute - (minute % metric.sampleMinutes);
		const start = Math.floor(sampleStart / periodMinutes) * periodMinutes;
		if (start < from || start >= query.toMs / MINUTE_MS || sampleStart < from) continue;
		const period = expected.get(start) ?? { values: [], isExact: true };
		expected.set(start, period);
		period.values.push(count);
		// A bucket can't tell which of its minutes are covered.
		const isRolledUp = minute < naive.latestRetention - 14 * DAY_MINUTES;
		if (isRolledUp && count > 0 && !isCovered && metric.zeros !== "never") period.isExact = false;
	}
	const what = `${JSON.stringify(metric)} in periods of ${periodMinutes}`;
	assert.deepEqual(
		periods.map(({ startMs }) => startMs / MINUTE_MS),
		[...expected.keys()].toSorted((a, b) => a - b),
		what,
	);
	for (const { startMs, sampleCount, sum, minimum, maximum, percentiles } of periods) {
		const { values, isExact } = expected.get(startMs / MINUTE_MS) ?? { values: [], isExact: true };
		assert.equal(
			sum,
			values.reduce((sum, value) => sum + value, 0),
			what,
		);
		assert.equal(maximum, Math.max(...values), what);
		if (!isExact) continue;
		assert.equal(sampleCount, values.length, what);
		assert.equal(minimum, Math.min(...values), what);
		if (query.percentiles.length > 0) assert.equal(percentiles[0], maximum, what);
	}
}

/** All minutes of which anything is known: there are too many to look at each. */
function interestingMinutes(naive: NaiveHistory, instanceId: string, from: number, to: number): Set<number> {
	const minutes = new Set<number>();
	for (const at of naive.counts.keys()) if (at.startsWith(instanceId)) minutes.add(Number(at.split("/")[2]));
	for (const { id, since, until = (naive.time?.countedTo ?? 0) + 1 } of naive.spans) {
		if (id === instanceId) for (let minute = since; minute < until; minute++) minutes.add(minute);
	}
	return new Set([...minutes].filter((minute) => minute >= from && minute < to));
}

function key(id: string, series: number, minute: number): string {
	return `${id}/${series}/${minute}`;
}

function open(path: string): HistoryFile {
	return new HistoryFile(openHistoryFile(path, (sentence) => assert.fail(sentence)));
}

function makeFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "openimds-history-"));
	t.after(() => rmSync(folder, { recursive: true }));
	return folder;
}
