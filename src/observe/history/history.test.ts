import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import type { Batch } from "./batch.ts";
import { History } from "./history.ts";
import type { MetricOfInstance } from "../metric-reader.ts";
import { DAY_MINUTES, MINUTE_MS } from "./minute.ts";

const START = 20_000 * DAY_MINUTES;
const [V1, V2] = [0, 7];

test("what was recorded before a question is in its answer", async (t) => {
	const { history } = await newHistory(t);
	for (let n = 1; n <= 20; n++) {
		history.record(batchAt(START, { ids: n === 1 ? ["i-a", "i-b"] : [], counts: Uint32Array.of(1, START, V1, 3) }));
		const [nothing, some] = await history.read(queryOf([metricOf("i-a"), metricOf("i-b")]));
		assert.deepEqual(nothing, []);
		assert.deepEqual(some, [
			{ startMs: START * MINUTE_MS, sampleCount: 1, sum: 3 * n, minimum: 3 * n, maximum: 3 * n, percentiles: [3 * n, 3 * n] },
		]);
	}
	assert.deepEqual(await history.list(START * MINUTE_MS, (START + 1) * MINUTE_MS), [
		{ instanceId: "i-b", series: [V1], ran: false, ranOptional: false },
	]);
});

test("metrics are answered in the order asked, whatever is known of them, and an instance may be asked of twice", async (t) => {
	const { history } = await newHistory(t);
	const ids = Array.from({ length: 300 }, (_, n) => `i-${n}`);
	history.record(batchAt(START, { ids, counts: Uint32Array.from(ids.flatMap((_, handle) => [handle, START, V1, handle + 1])) }));
	const asked = ["i-299", "i-5", "i-unknown", "i-5", "i-0", ...ids.filter((_, n) => n % 11 === 3).toReversed()];
	const answer = await history.read(queryOf(asked.map((id) => metricOf(id))));
	assert.deepEqual(
		answer.map(([period]) => period?.sum),
		asked.map((id) => (id === "i-unknown" ? undefined : Number(id.slice(2)) + 1)),
	);
	assert.deepEqual(
		(await history.observed(["i-7", "i-unknown", "i-3"], START * MINUTE_MS, (START + 1) * MINUTE_MS, [V2, V1])).map(({ sums }) => sums),
		[
			[0, 8],
			[0, 0],
			[0, 4],
		],
	);
});

test("calls and last calls are of all instances, or of those asked", async (t) => {
	const { history } = await newHistory(t);
	const delta = (instanceId: string) =>
		({
			instanceId,
			key: "curl",
			facts: "{}",
			hour: START / 60,
			classes: [1, 0, 0, 0, 0],
			answered: 1,
			rejected: 0,
			lastMs: START * MINUTE_MS,
		}) as const;
	const lastCalls = ["i-a", "i-b"].map((instanceId) => ({ instanceId, v1Ms: 5 }));
	history.record(batchAt(START, { calls: [delta("i-a"), delta("i-b")], lastCalls }));
	assert.deepEqual(
		(await history.calls(0)).map(({ instanceId }) => instanceId),
		["i-a", "i-b"],
	);
	assert.deepEqual(
		(await history.calls(0, ["i-b", "i-c"])).map(({ instanceId }) => instanceId),
		["i-b"],
	);
	assert.deepEqual(await history.lastCalls(["i-b", "i-c"]), [{ instanceId: "i-b", v1Ms: 5 }]);
	assert.deepEqual(await history.lastCalls(), lastCalls);
});

test("a closed history is all in its file, its log gone, and is told nothing more", async (t) => {
	const { history, path, folder } = await newHistory(t);
	history.record(batchAt(START, { ids: ["i-a"], counts: Uint32Array.of(0, START, V1, 3) }));
	await history.close();
	await history.close();
	history.record(batchAt(START, { counts: Uint32Array.of(0, START, V1, 3) }));
	await assert.rejects(history.list(0, 1), /is closed/);
	assert.deepEqual(await readdir(folder), ["metrics.sqlite"]);
	const again = new History({ path, say: assert.fail });
	t.after(() => again.close());
	assert.equal((await again.read(queryOf([metricOf("i-a")])))[0]?.[0]?.sum, 3);
});

test("one that was never used has no file, and nothing to close", async (t) => {
	const { history, folder } = await newHistory(t);
	await history.settled();
	await history.close();
	assert.deepEqual(await readdir(folder), []);
});

test("bad input is refused with what is wanted", async (t) => {
	const { history } = await newHistory(t);
	assert.throws(() => history.record(batchAt(Number.NaN, {})), /atMs is NaN/);
	assert.throws(() => history.record(batchAt(START, { counts: new Uint32Array(5) })), /counts has 5 numbers: groups of 4 are wanted/);
	await assert.rejects(history.read({ ...queryOf([]), periodSeconds: 61 }), /periodSeconds is 61: a multiple of 60 is wanted/);
	await assert.rejects(history.read({ ...queryOf([]), periodSeconds: 0 }), /periodSeconds is 0/);
	await assert.rejects(history.read({ ...queryOf([]), fromMs: 1 }), /fromMs is 1: a multiple of the period \(60 s\) is wanted/);
	await assert.rejects(history.read({ ...queryOf([]), fromMs: 0, toMs: 1e9 * MINUTE_MS }), /more than 1000000 periods/);
});

test("a thread that dies is said to be dead once, and the next one knows the instances and that they run", async (t) => {
	const { history, said } = await newHistory(t);
	history.record(batchAt(START, { ids: ["i-a"], modes: [{ instanceId: "i-a", minute: START, mode: "optional" }] }));
	await history.settled();
	for (let time = 0; time < 2; time++) {
		assert.deepEqual(await history.lastCalls(), []);
		history.record(batchAt(START, { ids: unreadable() }));
		const lost = history.settled();
		await assert.rejects(lost, /its thread died/);
	}
	assert.equal(said.length, 2, "for it had answered in between");
	assert.match(said[0] ?? "", /The thread of the history of counts died \(.+\): counts of the last moments may be lost. It starts again./);
	history.record(batchAt(START + 1, { ids: ["i-b"], counts: Uint32Array.of(0, START + 1, V1, 3, 1, START + 1, V1, 4) }));
	const observed = await history.observed(["i-a", "i-b"], START * MINUTE_MS, (START + 2) * MINUTE_MS, [V1]);
	assert.deepEqual(
		observed.map(({ minutes, sums }) => [minutes, ...sums]),
		[
			[2, 3],
			[0, 4],
		],
	);
});

test("kills of the process lose nothing that was on disk, and leave a history that goes on", async (t) => {
	const { path } = await newHistory(t);
	let acknowledged = 0;
	for (let round = 0; round < 8; round++) {
		acknowledged = Math.max(acknowledged, await recordUntilKilled(path, acknowledged + randomInt(1, 40)));
		const history = new History({ path, say: assert.fail });
		const [observed] = await history.observed(["i-a"], 0, 2 * START * MINUTE_MS, [V1, V2]);
		const [v1 = 0, v2] = observed?.sums ?? [];
		assert.ok(v1 >= acknowledged, `${acknowledged} were acknowledged, and ${v1} are there`);
		assert.equal(v1, v2, "a batch is written whole");
		acknowledged = v1;
		await history.close();
	}
});

test("a process that has nothing else to do ends, though nobody closed its history", async (t) => {
	const { path } = await newHistory(t);
	for (const then of ["", "await history.settled();", "record(1);"]) {
		const script = `${RECORDING} record(0); ${then}`;
		const child = spawn(process.execPath, ["--input-type=module", "--eval", script, path], { stdio: "inherit" });
		assert.deepEqual(await once(child, "exit"), [0, null]);
	}
});

test("ten thousand instances are written at once, packed, and asked of", async (t) => {
	const { history } = await newHistory(t);
	const ids = Array.from({ length: 10_000 }, (_, n) => `i-${n}`);
	const counts = (minute: number) =>
		Uint32Array.from(ids.flatMap((_, handle) => [V1, V2].flatMap((series) => [handle, minute, series, 1 + (handle % 7)])));
	history.record(
		batchAt(START, { ids, counts: counts(START), modes: ids.map((instanceId) => ({ instanceId, minute: START, mode: "optional" })) }),
	);
	// The hour is over: from here on it is packed, while questions are answered.
	for (const minute of [START + 4, START + 70]) history.record(batchAt(minute, { counts: counts(minute) }));
	for (let asked = 0; asked < 2; asked++) {
		const answer = await history.read({ ...queryOf(ids.map((id) => metricOf(id))), periodSeconds: 3600, toMs: (START + 120) * MINUTE_MS });
		assert.ok(answer.every(([hour, next], n) => hour?.sum === 2 * (1 + (n % 7)) && hour.sampleCount === 5 && next?.sum === 1 + (n % 7)));
		assert.equal((await history.list(START * MINUTE_MS, (START + 120) * MINUTE_MS)).length, 10_000);
	}
});

/** The start of a script that records: process.argv[1] is the path. */
const RECORDING = `
	import { History } from ${JSON.stringify(new URL("history.ts", import.meta.url))};
	const history = new History({ path: process.argv[1], say: console.error });
	const record = (n) => history.record({
		atMs: (${START} + n) * 60000, ids: n === 0 ? ["i-a"] : [], counts: Uint32Array.of(0, ${START} + n, ${V1}, 1, 0, ${START} + n, ${V2}, 1), modes: [], calls: [], lastCalls: [],
	});`;

/** Kills a process that records when it has said so many; answers how many batches, of one count each, it said were on disk, in all runs. */
async function recordUntilKilled(path: string, killAt: number): Promise<number> {
	const script = `${RECORDING}
		record(0);
		const [{ sums: [before] }] = await history.observed(["i-a"], 0, 2 * ${START} * 60000, [${V1}]);
		for (let n = 0; ; n++) {
			await history.settled();
			console.log(before + n);
			record(n + 1);
		}`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", script, path], { stdio: ["ignore", "pipe", "inherit"] });
	const exited = once(child, "exit");
	let acknowledged = 0;
	for await (const said of createInterface(child.stdout)) {
		acknowledged = Number(said);
		if (acknowledged >= killAt) child.kill("SIGKILL");
	}
	assert.deepEqual(await exited, [null, "SIGKILL"]);
	return acknowledged;
}

async function newHistory(t: TestContext): Promise<{ history: History; path: string; folder: string; said: string[] }> {
	const folder = await mkdtemp(join(tmpdir(), "openimds-history-"));
	const path = join(folder, "metrics.sqlite");
	const said: string[] = [];
	const history = new History({ path, say: (sentence) => said.push(sentence) });
	t.after(async () => {
		await history.close();
		await rm(folder, { recursive: true });
	});
	return { history, path, folder, said };
}

/** Can be iterated here, and not where it is sent to: what is a function doesn't come along. */
function unreadable(): readonly string[] {
	return { [Symbol.iterator]: () => [].values() } as unknown as readonly string[];
}

function metricOf(instanceId: string): MetricOfInstance {
	return { instanceId, series: [V1], zeros: "while-optional", sampleMinutes: 1 };
}

function queryOf(metrics: readonly MetricOfInstance[]) {
	return { metrics, fromMs: START * MINUTE_MS, toMs: (START + 60) * MINUTE_MS, periodSeconds: 60, percentiles: [50, 100] };
}

function batchAt(minute: number, parts: Partial<Batch>): Batch {
	return { atMs: minute * MINUTE_MS, ids: [], counts: new Uint32Array(), modes: [], calls: [], lastCalls: [], ...parts };
}
