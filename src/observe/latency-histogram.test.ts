import assert from "node:assert/strict";
import { test } from "node:test";
import { LATENCY_BOUNDS_SECONDS, LatencyHistogram } from "./latency-histogram.ts";

test("a latency falls into the first bucket whose bound it does not exceed, or behind the last", () => {
	const histogram = new LatencyHistogram();
	for (const ms of [0, 0.025, 0.026, 1, 1000, 1001]) histogram.note(ms);
	const filled = histogram.buckets.flatMap((count, index) => (count === 0 ? [] : [[LATENCY_BOUNDS_SECONDS[index] ?? Infinity, count]]));
	assert.deepEqual(filled, [
		[0.000_025, 2],
		[0.000_05, 1],
		[0.001, 1],
		[1, 1],
		[Infinity, 1],
	]);
	assert.equal(Math.round(histogram.sumMs), 2002);
});
