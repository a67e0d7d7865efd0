import assert from "node:assert/strict";
import { test } from "node:test";
import { agoText, durationText, parseDuration } from "./durations.ts";

const DAY = 86_400;

test("times are told in their two largest units, and days from two on", () => {
	assert.deepEqual([0, 59, 60, 3661, DAY, DAY + 3600, 2 * DAY, 15 * DAY + 3600].map(durationText), [
		"0 s",
		"59 s",
		"1 min",
		"1 h 1 min",
		"24 h",
		"25 h",
		"2 d",
		"15 d 1 h",
	]);
});

test("how long ago something was is told in its largest unit", () => {
	assert.deepEqual(
		[undefined, 1000, 940, 1000 - 3661, 1001].map((at) => agoText(at, 1_000_000)),
		["never", "0 s ago", "1 min ago", "1 h ago", "0 s ago"],
	);
});

test("a time is a number with its unit, and nothing else", () => {
	assert.deepEqual(
		["0s", "90s", "15m", "15min", "24h", "7d"].map((text) => parseDuration(text)),
		[0, 90, 900, 900, DAY, 7 * DAY],
	);
	for (const text of ["", "24", "h", "1.5h", "-1h", "1 h", "1w", "1H", "0x1h", "9999999999s", "999999999d", "1h30m"]) {
		assert.throws(() => parseDuration(text), { name: "RangeError", message: /a number with s, m, h or d behind it/ }, text);
	}
});
