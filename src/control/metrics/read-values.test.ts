import assert from "node:assert/strict";
import { test } from "node:test";
import { CountedMinutes } from "../../../test/api/counted-minutes.ts";
import type { MetricOfInstance } from "../../observe/metric-reader.ts";
import { readValues } from "./read-values.ts";
import { gridOf } from "./time-grid.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const MINUTE = 60_000;

function noToken(instanceId: string): MetricOfInstance {
	return { instanceId, series: [0], zeros: "while-optional", sampleMinutes: 1 };
}

test("each value is put into its period; others have none", async () => {
	const history = new CountedMinutes().count("i-1", 0, NOW - 2 * MINUTE, 3).ran("i-1", NOW - 4 * MINUTE, NOW - MINUTE);
	const grid = gridOf({ startMs: NOW - 5 * MINUTE, endMs: NOW, nowMs: NOW }, 60);
	const [sums, none] = await readValues(history, [
		{ metric: noToken("i-1"), statistic: "Sum", grid },
		{ metric: undefined, statistic: "Sum", grid },
	]);
	assert.deepEqual([...sums!], [NaN, 0, 0, 3, NaN]);
	assert.deepEqual([...none!], [NaN, NaN, NaN, NaN, NaN]);
});

test("a metric that is wanted in several ways is read once, with all percentiles", async () => {
	const history = new CountedMinutes();
	for (const minute of [1, 2, 3, 4, 5]) history.count("i-1", 0, NOW - minute * MINUTE, minute);
	const grid = gridOf({ startMs: NOW - 5 * MINUTE, endMs: NOW, nowMs: NOW }, 300);
	const values = await readValues(history, [
		{ metric: noToken("i-1"), statistic: "Maximum", grid },
		{ metric: noToken("i-1"), statistic: 50, grid },
		{ metric: noToken("i-1"), statistic: 0, grid },
	]);
	assert.deepEqual(
		values.map(([value]) => value),
		[5, 3, 1],
	);
	assert.equal(history.queries.length, 1);
	assert.equal(history.queries[0]!.metrics.length, 1);
	assert.deepEqual(history.queries[0]!.percentiles, [50, 0]);
});

test("periods of one length are read at once, those of another apart, and no question is too large", async () => {
	const history = new CountedMinutes();
	const hour = gridOf({ startMs: NOW - 60 * MINUTE, endMs: NOW, nowMs: NOW }, 300);
	const days = gridOf({ startMs: NOW - 10 * 1440 * MINUTE, endMs: NOW, nowMs: NOW }, 60);
	const ids = Array.from({ length: 1_000 }, (_, index) => `i-${index}`);
	await readValues(
		history,
		ids.map((id) => ({ metric: noToken(id), statistic: "Sum", grid: hour })),
	);
	assert.deepEqual(
		history.queries.map(({ metrics }) => metrics.length),
		[1_000],
	);
	history.queries.length = 0;
	await readValues(
		history,
		ids.slice(0, 40).map((id) => ({ metric: noToken(id), statistic: "Sum", grid: days })),
	);
	assert.deepEqual(
		history.queries.map(({ metrics }) => metrics.length),
		[17, 17, 6],
	);
	assert.deepEqual([...new Set(history.queries.flatMap(({ metrics }) => metrics.map(({ instanceId }) => instanceId)))], ids.slice(0, 40));
});

test("of a time without periods nothing is asked", async () => {
	const history = new CountedMinutes();
	const grid = gridOf({ startMs: NOW + 10 * MINUTE, endMs: NOW + 20 * MINUTE, nowMs: NOW }, 60);
	assert.deepEqual(await readValues(history, [{ metric: noToken("i-1"), statistic: "Sum", grid }]), [new Float64Array()]);
	assert.deepEqual(history.queries, []);
});
