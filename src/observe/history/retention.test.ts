import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MINUTES } from "./minute.ts";
import { firstDayKept, firstPeriodServed } from "./retention.ts";

const NOW = 20_000 * DAY_MINUTES + 750;

test("periods of a minute are there for 15 days, of five for 63, of an hour for 455, and others for as long as the largest of these that they consist of", () => {
	const daysServed = (periodMinutes: number) => Math.floor((NOW - firstPeriodServed(periodMinutes, NOW)) / DAY_MINUTES);
	assert.deepEqual([1, 2, 3, 7].map(daysServed), [15, 15, 15, 14]);
	assert.deepEqual([5, 10, 15, 30].map(daysServed), [63, 63, 63, 63]);
	assert.deepEqual([60, 1440].map(daysServed), [454, 454]);
});

test("a period that began before that is not there, even if it ends after", () => {
	const first = firstPeriodServed(60, NOW);
	assert.equal(first % 60, 0);
	assert.ok(first >= NOW - 455 * DAY_MINUTES && first - 60 < NOW - 455 * DAY_MINUTES);
});

test("what is rolled up is never served in finer periods", () => {
	for (const size of [1, 5, 60] as const) assert.ok(firstDayKept(size, NOW) * DAY_MINUTES <= firstPeriodServed(size, NOW));
});
