import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY_MINUTES } from "./minute.ts";
import { bucketsOfMinutes, emptyDay, rollUp } from "./roll-up.ts";

const day = fc.array(fc.tuple(fc.nat(DAY_MINUTES - 1), fc.integer({ min: 1, max: 9 })), { maxLength: 200 }).map((some) => {
	const counts = new Float64Array(DAY_MINUTES);
	for (const [minute, count] of some) counts[minute] = count;
	return counts;
});

test("an hour's bucket has the sum, the least, the most and the number of its minutes that have counts, in one step or in two", () => {
	fc.assert(
		fc.property(day, (counts) => {
			const [fives, hours, atOnce] = [emptyDay(5), emptyDay(60), emptyDay(60)];
			rollUp(bucketsOfMinutes(counts), fives);
			rollUp(fives, hours);
			rollUp(bucketsOfMinutes(counts), atOnce);
			assert.deepEqual(hours, atOnce);
			for (let hour = 0; hour < 24; hour++) {
				const present = counts.slice(hour * 60, hour * 60 + 60).filter((count) => count > 0);
				assert.equal(hours.minutes[hour], present.length);
				assert.equal(
					hours.sums[hour],
					present.reduce((sum, count) => sum + count, 0),
				);
				assert.equal(hours.maxima[hour], Math.max(0, ...present));
				assert.equal(hours.minima[hour], present.length === 0 ? 0 : Math.min(...present));
			}
		}),
	);
});

test("what comes late is added, and makes no bucket longer than it is", () => {
	const counts = new Float64Array(DAY_MINUTES).fill(2, 0, 4);
	const fives = emptyDay(5);
	rollUp(bucketsOfMinutes(counts), fives);
	rollUp(bucketsOfMinutes(new Float64Array(DAY_MINUTES).fill(1, 2, 4)), fives);
	assert.deepEqual([fives.minutes[0], fives.sums[0], fives.minima[0], fives.maxima[0]], [5, 10, 1, 2]);
});
