import assert from "node:assert/strict";
import { test } from "node:test";
import { gridOf, isPeriod } from "./time-grid.ts";

const NOW = Date.parse("2026-11-22T12:34:56Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function grid(start: string, end: string, periodSeconds: number) {
	const { fromMs, length } = gridOf({ startMs: Date.parse(start), endMs: Date.parse(end), nowMs: NOW }, periodSeconds);
	return { from: new Date(fromMs).toISOString(), length };
}

test("periods begin at multiples of their length; the one under way at the start is in", () => {
	assert.deepEqual(grid("2026-11-22T10:07:30Z", "2026-11-22T11:00:00Z", 300), { from: "2026-11-22T10:05:00.000Z", length: 11 });
	assert.deepEqual(grid("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z", 300), { from: "2026-11-22T10:00:00.000Z", length: 12 });
});

test("the period that now is in is the last, however late the end", () => {
	assert.deepEqual(grid("2026-11-22T12:30:00Z", "2099-01-01T00:00:00Z", 60), { from: "2026-11-22T12:30:00.000Z", length: 5 });
	const { fromMs, stepMs, length } = gridOf({ startMs: NOW - HOUR, endMs: NOW, nowMs: NOW }, 3_600);
	assert.ok(fromMs + stepMs * length > NOW);
});

test("a time that lies ahead has no periods", () => {
	assert.equal(grid("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", 60).length, 0);
});

test("what is no more known at a period's grain is left out: minutes after 15 days, five after 63, hours after 455", () => {
	const daysOf = (periodSeconds: number) => {
		const { fromMs } = gridOf({ startMs: 0, endMs: NOW, nowMs: NOW }, periodSeconds);
		return Math.floor((NOW - fromMs) / DAY);
	};
	assert.deepEqual([60, 120, 300, 600, 3_600, 86_400].map(daysOf), [15, 15, 63, 63, 455, 455]);
});

test("a period of less than a minute is one of a minute, of the last three hours", () => {
	const { fromMs, stepMs } = gridOf({ startMs: 0, endMs: NOW, nowMs: NOW }, 10);
	assert.equal(stepMs, 60_000);
	assert.equal(Math.floor((NOW - fromMs) / HOUR), 3);
});

test("a period is a multiple of 60 seconds, or one of those of high resolution", () => {
	assert.deepEqual(
		[1, 5, 10, 20, 30, 60, 120, 86_400, 2_592_000].filter((seconds) => !isPeriod(seconds)),
		[],
	);
	assert.deepEqual([0, -60, 2, 15, 59, 61, 90, 60.5, NaN].filter(isPeriod), []);
});
