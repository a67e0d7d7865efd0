import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBuckets, decodeMinutes, encodeBuckets, encodeMinutes } from "./bucket-codec.ts";
import { DamagedFile } from "./damaged-file.ts";
import { DAY_MINUTES } from "./minute.ts";
import { type DayBuckets, emptyDay } from "./roll-up.ts";

const count = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(300), fc.maxSafeNat());
const day = fc
	.array(count, { maxLength: DAY_MINUTES })
	.map((counts) => Float64Array.from({ length: DAY_MINUTES }, (_, n) => counts[n] ?? 0));

test("a day of minutes is the same after it was packed, whatever was counted", () => {
	fc.assert(fc.property(day, (counts) => assert.deepEqual(decodeMinutes(encodeMinutes(counts)), counts)));
});

test("so is a day in which every minute has the largest count there can be", () => {
	const counts = new Float64Array(DAY_MINUTES).fill(Number.MAX_SAFE_INTEGER);
	assert.deepEqual(decodeMinutes(encodeMinutes(counts)), counts);
});

test("a day of larger buckets is the same after it was packed", () => {
	const bucket = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat());
	const buckets = fc.array(fc.tuple(fc.nat(287), bucket)).map((some) => {
		const made = emptyDay(5);
		for (const [at, [minutes, sum, minimum, maximum]] of some) {
			for (const [column, value] of columnsOf(made).map((column, n) => [column, [minutes, sum, minimum, maximum][n] ?? 0] as const)) {
				column[at] = value;
			}
		}
		return made;
	});
	fc.assert(fc.property(buckets, (made) => assert.deepEqual(decodeBuckets(encodeBuckets(made), 5), made)));
});

test("a program that calls every five minutes takes some ten bytes a day", () => {
	const counts = Float64Array.from({ length: DAY_MINUTES }, (_, minute) => (minute % 5 === 0 ? 3 : 0));
	assert.ok(encodeMinutes(counts).length < 20);
});

test("bytes that are no packed day are damage, whatever they are", () => {
	const packed = encodeMinutes(Float64Array.from({ length: DAY_MINUTES }, (_, minute) => minute));
	assert.throws(() => decodeMinutes(packed.subarray(0, packed.length / 2)), DamagedFile);
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			for (const decode of [decodeMinutes, (data: Uint8Array) => decodeBuckets(data, 60)]) {
				try {
					decode(bytes);
				} catch (error) {
					assert.ok(error instanceof DamagedFile);
				}
			}
		}),
	);
});

function columnsOf({ minutes, sums, minima, maxima }: DayBuckets): Float64Array[] {
	return [minutes, sums, minima, maxima];
}
