import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Interval, union } from "./intervals.ts";
import type { PeriodStatistics } from "../metric-reader.ts";
import { MINUTE_MS } from "./minute.ts";
import { periodsOf } from "./period-rows.ts";
import { type Periods, type Samples, periodRows } from "./statistics.ts";

const MEDIAN_AND_MORE = [0, 50, 90, 100];

test("periods are those of a list of all minutes and their counts", () => {
	const counts = fc.uniqueArray(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 })), { selector: ([minute]) => minute });
	const covered = fc.array(fc.record({ from: fc.nat(60), to: fc.nat(60) }), { maxLength: 4 });
	const periodMinutes = fc.constantFrom(1, 2, 5, 7, 10);
	fc.assert(
		fc.property(
			counts,
			covered,
			periodMinutes,
			fc.constantFrom(1, 5),
			fc.nat(5),
			fc.nat(8),
			(some, spans, periodMinutes, sampleMinutes, first, length) => {
				const sorted = some.toSorted(([a], [b]) => a - b);
				const samples: Samples = {
					minutes: sorted.map(([minute]) => minute),
					counts: sorted.map(([, count]) => count),
					buckets: [],
					covered: union(spans),
				};
				const periods: Periods = {
					fromMinute: first * periodMinutes,
					toMinute: (first + length) * periodMinutes,
					periodMinutes,
					sampleMinutes,
					percentiles: MEDIAN_AND_MORE,
				};
				assert.deepEqual(statistics(samples, periods), naively(new Map(some), spans, periods));
			},
		),
	);
});

test("with samples of five minutes, a period of one minute has the sum of five", () => {
	const samples = { minutes: [3, 5, 6, 9], counts: [1, 2, 3, 4], buckets: [], covered: [{ from: 0, to: 12 }] };
	const periods = { fromMinute: 0, toMinute: 10, periodMinutes: 1, sampleMinutes: 5, percentiles: [] };
	assert.deepEqual(statistics(samples, periods), [
		{ startMs: 0, sampleCount: 5, sum: 1, minimum: 0, maximum: 1, percentiles: [] },
		{ startMs: 5 * MINUTE_MS, sampleCount: 5, sum: 9, minimum: 0, maximum: 4, percentiles: [] },
	]);
});

test("a bucket counts with its minutes, the rest of what is covered with zeros, and nobody knows percentiles", () => {
	const bucket = { startMinute: 60, minutes: 4, sum: 10, minimum: 2, maximum: 3 };
	const periods = { fromMinute: 0, toMinute: 180, periodMinutes: 60, sampleMinutes: 1, percentiles: [50] };
	assert.deepEqual(statistics({ minutes: [125], counts: [7], buckets: [bucket], covered: [{ from: 58, to: 120 }] }, periods), [
		{ startMs: 0, sampleCount: 2, sum: 0, minimum: 0, maximum: 0, percentiles: [0] },
		{ startMs: 60 * MINUTE_MS, sampleCount: 60, sum: 10, minimum: 0, maximum: 3, percentiles: [Number.NaN] },
		{ startMs: 120 * MINUTE_MS, sampleCount: 1, sum: 7, minimum: 7, maximum: 7, percentiles: [7] },
	]);
	assert.deepEqual(statistics({ minutes: [], counts: [], buckets: [bucket], covered: [] }, { ...periods, percentiles: [] }), [
		{ startMs: 60 * MINUTE_MS, sampleCount: 4, sum: 10, minimum: 2, maximum: 3, percentiles: [] },
	]);
});

test("a percentile lies on the line between the two closest ranks", () => {
	const samples = { minutes: [0, 1, 2, 3], counts: [40, 10, 30, 20], buckets: [], covered: [] };
	const periods = { fromMinute: 0, toMinute: 5, periodMinutes: 5, sampleMinutes: 1, percentiles: [0, 50, 75, 99, 100] };
	const [period] = statistics(samples, periods);
	assert.deepEqual(
		period?.percentiles.map((value) => Math.round(value * 100) / 100),
		[10, 25, 32.5, 39.7, 40],
	);
});

function statistics(samples: Samples, periods: Periods): PeriodStatistics[] {
	return periodsOf(periodRows(samples, periods), periods.percentiles.length);
}

function naively(counts: ReadonlyMap<number, number>, covered: readonly Interval[], periods: Periods): PeriodStatistics[] {
	const byStart = new Map<number, number[]>();
	for (let minute = 0; minute < 100; minute++) {
		const count = counts.get(minute) ?? (covered.some(({ from, to }) => from <= minute && minute < to) ? 0 : undefined);
		const sampleStart = Math.floor(minute / periods.sampleMinutes) * periods.sampleMinutes;
		const start = Math.floor(sampleStart / periods.periodMinutes) * periods.periodMinutes;
		if (count === undefined || start < periods.fromMinute || start >= periods.toMinute) continue;
		byStart.set(start, [...(byStart.get(start) ?? []), count]);
	}
	return [...byStart].map(([start, unsorted]) => {
		const values = unsorted.toSorted((a, b) => a - b);
		return {
			startMs: start * MINUTE_MS,
			sampleCount: values.length,
			sum: values.reduce((sum, value) => sum + value, 0),
			minimum: Math.min(...values),
			maximum: Math.max(...values),
			percentiles: periods.percentiles.map((percentile) => {
				const rank = (percentile / 100) * (values.length - 1);
				const [below = 0, above = 0] = [values[Math.floor(rank)], values[Math.ceil(rank)]];
				return below + (above - below) * (rank - Math.floor(rank));
			}),
		};
	});
}
