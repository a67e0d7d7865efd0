import assert from "node:assert/strict";
import { test } from "node:test";
import { percentilesOf, statisticOf, valueOf } from "./statistic.ts";

const PERIOD = { startMs: 0, sampleCount: 5, sum: 20, minimum: 1, maximum: 9, percentiles: [3, 8] };

test("statistics are told of a period by their names", () => {
	const told = ["SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50", "p99.9"].map((name) =>
		valueOf(statisticOf(name)!, PERIOD, [50, 99.9]),
	);
	assert.deepEqual(told, [5, 20, 4, 1, 9, 3, 8]);
});

test("percentiles go from p0 to p100", () => {
	assert.deepEqual(["p0", "p0.0", "p100", "p99.99"].map(statisticOf), [0, 0, 100, 99.99]);
	for (const text of ["p", "p101", "p-1", "p1e2", "P99", "p99.", "p100.5", "sum", "tm90", "IQM", "PR(1:2)", "constructor", ""]) {
		assert.equal(statisticOf(text), undefined, text);
	}
});

test("a percentile that isn't known any more is no number", () => {
	assert.equal(valueOf(99, { ...PERIOD, percentiles: [] }, [99]), NaN);
});

test("each percentile is asked for once", () => {
	assert.deepEqual(percentilesOf(["Sum", 99, 50, 99]), [99, 50]);
});
