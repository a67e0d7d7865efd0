import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { epochMs, timestamp } from "./timestamp.ts";

test("a moment is printed in whole seconds, what is begun cut off", () => {
	assert.equal(timestamp(Date.UTC(2026, 0, 2, 3, 4, 5, 999)), "2026-01-02T03:04:05Z");
	assert.equal(timestamp(0), "1970-01-01T00:00:00Z");
});

test("a printed moment is read as the beginning of its second", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
			assert.match(timestamp(ms), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
			assert.equal(epochMs(timestamp(ms)), ms - (ms % 1000));
		}),
	);
});
