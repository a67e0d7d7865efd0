import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CallerUse } from "./caller-use.ts";
import { EC2_PACKET_RATE, requestsPerSecond } from "./limits.ts";

test("without a rate, everything is granted", () => {
	const use = new CallerUse("i-1234567890abcdef0", undefined, 0);
	for (let n = 0; n < 10_000; n++) assert.ok(use.takeRequest(0) && use.takeConnection(0));
	assert.ok(use.isIdle(0));
});

test("a second's worth at once, then as it comes in; refusals cost nothing", () => {
	const use = new CallerUse("i-1234567890abcdef0", requestsPerSecond(10), 0);
	const granted = (nowMs: number, asked: number) => Array.from({ length: asked }, () => use.takeRequest(nowMs)).filter((yes) => yes).length;
	assert.equal(granted(0, 100), 10);
	assert.equal(granted(99, 100), 0);
	assert.equal(granted(100, 100), 1);
	assert.equal(granted(600, 100), 5);
	assert.equal(granted(500, 100), 0, "a clock that goes back gives nothing");
	assert.equal(granted(60_000, 100), 10);
	assert.ok(!use.isIdle(60_000));
	assert.ok(use.isIdle(61_000));
});

test("EC2's packets: a connection costs three, a request two", () => {
	const use = new CallerUse("i-1234567890abcdef0", EC2_PACKET_RATE, 0);
	let served = 0;
	while (use.takeConnection(0) && use.takeRequest(0)) served++;
	assert.equal(served, Math.floor(1024 / 5));
});

test("no run of asking gets more than a second's worth and what has come in since", () => {
	const step = fc.record({ afterMs: fc.integer({ min: -50, max: 400 }), asked: fc.nat(40) });
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 50 }), fc.array(step, { maxLength: 60 }), (perSecond, steps) => {
			const use = new CallerUse("i-1234567890abcdef0", requestsPerSecond(perSecond), 0);
			let nowMs = 0;
			let forwardMs = 0;
			let granted = 0;
			for (const { afterMs, asked } of steps) {
				nowMs += afterMs;
				forwardMs += Math.max(0, afterMs);
				for (let n = 0; n < asked; n++) if (use.takeRequest(nowMs)) granted++;
				assert.ok(granted <= perSecond + (forwardMs * perSecond) / 1000 + 1e-6);
			}
		}),
	);
});
