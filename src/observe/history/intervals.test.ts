import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { minutesWithin, union } from "./intervals.ts";

const intervals = fc.array(fc.record({ from: fc.nat(40), to: fc.nat(40) }));

test("the union has the minutes that any interval has, in disjoint intervals that do not touch", () => {
	fc.assert(
		fc.property(intervals, (some) => {
			const all = union(some);
			for (const [n, { from, to }] of all.entries()) {
				assert.ok(from < to);
				assert.ok(from > (all[n - 1]?.to ?? -1));
			}
			for (let minute = 0; minute < 41; minute++) {
				const has = (list: typeof some) => list.some(({ from, to }) => from <= minute && minute < to);
				assert.equal(has([...all]), has(some), `minute ${minute}`);
			}
		}),
	);
});

test("minutes between two are counted once each", () => {
	fc.assert(
		fc.property(intervals, fc.nat(40), fc.nat(40), (some, from, to) => {
			const minutes = Array.from({ length: 41 }, (_, minute) => minute).filter(
				(minute) => minute >= from && minute < to && some.some((interval) => interval.from <= minute && minute < interval.to),
			);
			assert.equal(minutesWithin(union(some), from, to), minutes.length);
		}),
	);
});
