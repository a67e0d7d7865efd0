import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { credentialPeriod } from "./credential-period.ts";

const HOUR_MS = 3_600_000;
const anchorMs = Date.UTC(2026, 2, 1, 10, 20, 30);

test("the first set is issued at the anchor and refreshed hourly", () => {
	const first = credentialPeriod(anchorMs, anchorMs, "i-1");
	assert.equal(first.issuedAtMs, anchorMs);
	assert.equal(first.nextRefreshAtMs, anchorMs + HOUR_MS);
	assert.deepEqual(credentialPeriod(anchorMs, anchorMs + HOUR_MS - 1, "i-1"), first);
	assert.equal(credentialPeriod(anchorMs, anchorMs + HOUR_MS, "i-1").issuedAtMs, anchorMs + HOUR_MS);
});

test("a clock before the anchor is in the first period", () => {
	assert.deepEqual(credentialPeriod(anchorMs, 0, "i-1"), credentialPeriod(anchorMs, anchorMs, "i-1"));
});

test("lifetimes differ between periods and between seeds", () => {
	const lifetimes = (seed: string): number[] =>
		Array.from({ length: 24 }, (_, hour) => {
			const { issuedAtMs, expiresAtMs } = credentialPeriod(anchorMs, anchorMs + hour * HOUR_MS, seed);
			return expiresAtMs - issuedAtMs;
		});
	assert.ok(new Set(lifetimes("i-1")).size > 12);
	assert.notDeepEqual(lifetimes("i-1"), lifetimes("i-2"));
});

const moments = fc.record({
	anchorMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
	afterMs: fc.integer({ min: 0, max: 40 * 365 * 24 * HOUR_MS }),
	seed: fc.string(),
});

test("at any time the current set was issued in the past and has more than five hours left", () => {
	fc.assert(
		fc.property(moments, ({ anchorMs: from, afterMs, seed }) => {
			const nowMs = from + afterMs;
			const { issuedAtMs, expiresAtMs, nextRefreshAtMs } = credentialPeriod(from, nowMs, seed);
			assert.ok(issuedAtMs <= nowMs && nowMs < nextRefreshAtMs);
			assert.ok(expiresAtMs - nowMs > 5 * HOUR_MS);
			const lifetimeMinutes = (expiresAtMs - issuedAtMs) / 60_000;
			assert.ok(lifetimeMinutes >= 360 && lifetimeMinutes <= 386);
			for (const moment of [issuedAtMs, expiresAtMs, nextRefreshAtMs]) assert.equal(moment % 1000, 0);
		}),
	);
});

test("nothing moves back as the clock moves on", () => {
	fc.assert(
		fc.property(moments, fc.nat(10 * HOUR_MS), ({ anchorMs: from, afterMs, seed }, laterMs) => {
			const before = credentialPeriod(from, from + afterMs, seed);
			const after = credentialPeriod(from, from + afterMs + laterMs, seed);
			assert.ok(after.issuedAtMs >= before.issuedAtMs);
			assert.ok(after.expiresAtMs >= before.expiresAtMs);
			assert.ok(after.nextRefreshAtMs >= before.nextRefreshAtMs);
		}),
	);
});
