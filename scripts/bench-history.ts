/**
 * `npm run bench:history [-- --instances N --days N --write]`: how large the history of counts becomes, how long it takes to be asked and to be told, and
 * what memory it takes. Days before the last hours are written as housekeeping writes them, table and codec; the last hours come by batches.
 * `--write` puts it into docs/performance.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Batch, ModeChange } from "../src/observe/history/batch.ts";
import { HistoryFile } from "../src/observe/history/history-file.ts";
import { type HistoryTables, historyTables, transaction } from "../src/observe/history/history-tables.ts";
import { History } from "../src/observe/history/history.ts";
import type { MetricOfInstance } from "../src/observe/metric-reader.ts";
import { DAY_MINUTES, HOUR_MINUTES, MINUTE_MS } from "../src/observe/history/minute.ts";
import { openHistoryFile } from "../src/observe/history/open-history-file.ts";
import { seriesOf } from "../src/observe/request-series.ts";
import { BUCKET_SIZES, type BucketSize } from "../src/observe/history/retention.ts";
import { bucketsOfMinutes, emptyDay, rollUp } from "../src/observe/history/roll-up.ts";
import { instanceIdOf } from "../test/bench/many-instances.ts";
import { median, progress, table, thousands } from "../test/bench/report.ts";
import { residentBytes } from "../test/bench/servers.ts";

const { values } = parseArgs({
	options: {
		instances: { type: "string", default: "10000" },
		days: { type: "string", default: "15" },
		write: { type: "boolean", default: false },
	},
});
const INSTANCES = Number(values.instances);
const DAYS = Number(values.days);
const [V1, V2, TOKEN] = [seriesOf("v1", 200), seriesOf("v2", 200), seriesOf("token", 200)];
const SERIES = [V1, V2, TOKEN];
/** All instances call with tokens; one in so many without, too. */
const V1_IN = 10;
/** What comes by batches. */
const BY_BATCHES_MINUTES = HOUR_MINUTES;

/** A count of a minute, around a mean. */
type Count = (mean: number) => number;

const ids = Array.from({ length: INSTANCES }, (_, n) => instanceIdOf(n));
const END_MINUTE = (Math.floor(Date.now() / (DAY_MINUTES * MINUTE_MS)) + 1) * DAY_MINUTES - HOUR_MINUTES;
const folder = mkdtempSync(join(tmpdir(), "openimds-bench-history-"));

try {
	const report = [...(await usual()), "", ...sizes()].join("\n");
	console.log(`\n${report}`);
	if (values.write) writeReport(report);
} finally {
	rmSync(folder, { recursive: true });
}

/** The whole way, for counts as a fleet makes them. */
async function usual(): Promise<readonly string[]> {
	const path = join(folder, "metrics.sqlite");
	const rows: (readonly string[])[] = [];
	const beforeMinute = END_MINUTE - BY_BATCHES_MINUTES;
	fill(path, [1], END_MINUTE - DAYS * DAY_MINUTES, beforeMinute);
	rows.push(["memory (resident) of the process before the history is opened", memory()]);

	let history = open(path);
	history.record(batchOf(beforeMinute, { ids, modes: ids.map((instanceId) => modeOf(instanceId, beforeMinute)) }));
	await history.settled();
	rows.push(["memory with it", memory()]);

	const handing: number[] = [];
	const writing: number[] = [];
	for (let minute = beforeMinute; minute < END_MINUTE; minute++) {
		progress(`batches of all instances: ${minute - beforeMinute} of ${BY_BATCHES_MINUTES}`);
		const batch = batchOf(minute, { counts: everyInstanceOnce(minute) });
		const startedAt = performance.now();
		history.record(batch);
		handing.push(performance.now() - startedAt);
		await history.settled();
		writing.push(performance.now() - startedAt);
	}
	rows.push(["a batch of all instances, 3 counts each: on the event loop", milliseconds(handing)]);
	rows.push(["the same until it is on disk, in the thread", milliseconds(writing)]);

	rows.push(["memory after them", memory()]);
	await history.close();
	rows.push(["packing an hour of all instances: altogether, and its longest slice", houseKept(path)]);
	history = open(path);

	const endMs = END_MINUTE * MINUTE_MS;
	const one = [metricOf(ids[Math.floor(INSTANCES / 2)] ?? "", V2)];
	for (const [name, periodSeconds] of Object.entries({ "60 s": 60, "300 s": 300, "3600 s": 3600 })) {
		await timed(rows, `one instance, ${DAYS} days, periods of ${name}`, 15, async () =>
			sumUp(history, one, DAYS * DAY_MINUTES, periodSeconds),
		);
	}
	const all = (series: number) => ids.map((id) => metricOf(id, series));
	for (const [name, series] of Object.entries({ "calls without a token": V1, "calls with a token": V2 })) {
		await timed(rows, `all instances, 3 hours, periods of 300 s: ${name}`, 3, async () => sumUp(history, all(series), 180, 300));
	}
	await timed(rows, `all instances, ${DAYS} days, periods of 3600 s: calls without a token`, 1, async () =>
		sumUp(history, all(V1), DAYS * DAY_MINUTES, 3600),
	);
	await timed(rows, "all instances, watched for 24 hours (the way to v2)", 3, async () => {
		return (await history.observed(ids, endMs - DAY_MINUTES * MINUTE_MS, endMs, [V1])).length;
	});
	await timed(rows, "the list of what was active in 3 hours", 3, async () => (await history.list(endMs - 180 * MINUTE_MS, endMs)).length);
	await timed(rows, "the list of what was active in 14 days", 3, async () => {
		return (await history.list(endMs - 14 * DAY_MINUTES * MINUTE_MS, endMs)).length;
	});
	rows.push(["memory after all", memory()]);
	await history.close();
	rows.push(["the file", sizeOf(path)]);
	return table([`${thousands(INSTANCES)} instances, ${DAYS} days: ${SERIES.length} series, mean 2 and 0.3 a minute`, ""], rows);
}

/** What packing takes: a minute later, another hour has begun. */
function houseKept(path: string): string {
	progress("packing an hour");
	const file = new HistoryFile(openHistoryFile(path, (sentence) => console.error(sentence)));
	file.apply(batchOf(END_MINUTE, {}), { ids, modes: new Map() });
	const slices: number[] = [];
	let startedAt = performance.now();
	for (const _ of file.keepHouse()) {
		slices.push(performance.now() - startedAt);
		startedAt = performance.now();
	}
	file.close();
	return `${milliseconds([slices.reduce((sum, slice) => sum + slice, 0)])}, ${milliseconds([Math.max(...slices)])}`;
}

function open(path: string): History {
	return new History({ path, say: (sentence) => console.error(sentence) });
}

/** What files come to, without the rest. */
function sizes(): readonly string[] {
	const rows: (readonly string[])[] = [];
	const sample = Math.max(1, Math.floor(INSTANCES / 20));
	const scaled = (name: string, sizes: readonly BucketSize[], days: number, count: Count) => {
		const path = join(folder, "sample.sqlite");
		fill(path, sizes, END_MINUTE - days * DAY_MINUTES, END_MINUTE, sample, count);
		const bytes = statSync(path).size * (INSTANCES / sample);
		rows.push([name, `${thousands(bytes / 1024 / 1024)} MiB`]);
		rmSync(path);
	};
	scaled("15 days of minutes, every minute of every series a random number up to 127", [1], 15, () => 1 + Math.floor(Math.random() * 127));
	scaled("48 days of 5 minutes, counts as above", [5], 48, poisson);
	scaled("392 days of hours, counts as above", [60], 392, poisson);
	return table([`${thousands(INSTANCES)} instances: size (from ${thousands(sample)} of them)`, ""], rows);
}

/** Writes days of counts as housekeeping would have left them, in buckets of some sizes. */
function fill(path: string, sizes: readonly BucketSize[], from: number, to: number, instances = INSTANCES, count: Count = poisson): void {
	mkdirSync(folder, { recursive: true });
	const database = openHistoryFile(path, (sentence) => console.error(sentence));
	const file = new HistoryFile(database);
	const modes = ids.slice(0, instances).map((id) => modeOf(id, from));
	file.apply(batchOf(from, { modes }), { ids, modes: new Map() });
	const tables = historyTables(database);
	for (let day = Math.floor(from / DAY_MINUTES); day * DAY_MINUTES < to; day++) {
		progress(`${day * DAY_MINUTES - from} minutes of ${to - from} are written`);
		transaction(tables, () => {
			for (let instance = 1; instance <= instances; instance++) {
				for (const size of BUCKET_SIZES.filter((size) => sizes.includes(size)))
					putDay(tables, { size, day, instance }, { from, to }, count);
			}
		});
	}
	// The service is up all that time: batches came, and the last of them says until when.
	database.exec(`UPDATE counted_time SET counted_to = ${to}, retention_minute = ${to}`);
	file.close();
}

function putDay(
	{ packed }: HistoryTables,
	{ size, day, instance }: { readonly size: BucketSize; readonly day: number; readonly instance: number },
	{ from, to }: { readonly from: number; readonly to: number },
	count: Count,
): void {
	for (const series of SERIES) {
		const mean = meanOf(series, instance);
		const minutes = new Float64Array(DAY_MINUTES).map((_, n) => {
			const minute = day * DAY_MINUTES + n;
			return minute < from || minute >= to ? 0 : count(mean);
		});
		if (minutes.every((count) => count === 0)) continue;
		const buckets = emptyDay(size);
		rollUp(bucketsOfMinutes(minutes), buckets);
		packed.put({ size, day, series, instance }, buckets);
	}
}

function meanOf(series: number, instance: number): number {
	if (series === V2) return 2;
	return series === TOKEN || instance % V1_IN === 0 ? 0.3 : 0;
}

function poisson(mean: number): number {
	if (mean === 0) return 0;
	const end = Math.exp(-mean);
	let number = -1;
	for (let product = 1; product > end; product *= Math.random()) number++;
	return number;
}

function everyInstanceOnce(minute: number): Uint32Array<ArrayBuffer> {
	return Uint32Array.from(ids.flatMap((_, handle) => SERIES.flatMap((series) => [handle, minute, series, 1 + poisson(1)])));
}

function batchOf(minute: number, parts: Partial<Batch>): Batch {
	return { atMs: minute * MINUTE_MS, ids: [], counts: new Uint32Array(), modes: [], calls: [], lastCalls: [], ...parts };
}

function modeOf(instanceId: string, minute: number): ModeChange {
	return { instanceId, minute, mode: "optional" };
}

function metricOf(instanceId: string, series: number): MetricOfInstance {
	return { instanceId, series: [series], zeros: "while-optional", sampleMinutes: 1 };
}

/** Reads as GetMetricData does, 500 metrics at a time, adds all periods up, and answers how many there were. */
async function sumUp(history: History, metrics: readonly MetricOfInstance[], minutes: number, periodSeconds: number): Promise<number> {
	const periodMs = periodSeconds * 1000;
	const toMs = Math.ceil((END_MINUTE * MINUTE_MS) / periodMs) * periodMs;
	const fromMs = Math.floor(((END_MINUTE - minutes) * MINUTE_MS) / periodMs) * periodMs;
	const sums = new Map<number, number>();
	let points = 0;
	for (let first = 0; first < metrics.length; first += 500) {
		const some = metrics.slice(first, first + 500);
		for (const periods of await history.read({ metrics: some, fromMs, toMs, periodSeconds, percentiles: [] })) {
			for (const { startMs, sum } of periods) sums.set(startMs, (sums.get(startMs) ?? 0) + sum);
			points += periods.length;
		}
	}
	return points;
}

async function timed(rows: (readonly string[])[], name: string, times: number, ask: () => Promise<number>): Promise<void> {
	progress(name);
	const took: number[] = [];
	let found = 0;
	for (let n = 0; n < times; n++) {
		const startedAt = performance.now();
		found = await ask();
		took.push(performance.now() - startedAt);
	}
	rows.push([name, `${milliseconds(took)}, ${thousands(found)} found`]);
}

function milliseconds(took: readonly number[]): string {
	return `${median(took).toPrecision(2)} ms`.replace(
		/^(\d)\.?(\d?)e\+(\d) ms$/,
		(_, a: string, b: string, e: string) => `${thousands(Number(`${a}.${b}e${e}`))} ms`,
	);
}

function memory(): string {
	return `${(residentBytes(process.pid) / 1024 / 1024).toFixed(0)} MiB`;
}

function sizeOf(path: string): string {
	return `${thousands(statSync(path).size / 1024 / 1024)} MiB`;
}

function writeReport(report: string): void {
	const page = new URL("../docs/performance.md", import.meta.url);
	const text = readFileSync(page, "utf8");
	const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
	const made = `Made by \`npm run bench:history -- --write\` on ${machine}.\n\n${report}`;
	const marked = /(<!-- bench-history:begin -->)[\s\S]*(<!-- bench-history:end -->)/;
	if (!marked.test(text)) throw new Error(`${page.pathname} has no place for the report`);
	writeFileSync(
		page,
		text.replace(marked, (_, begin: string, end: string) => `${begin}\n${made}\n${end}`),
	);
}
