import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedTime, advance, isContinuous } from "./counted-time.ts";
import { DAY_MINUTES } from "./minute.ts";

const START = 29_000_000;
const YEAR = 365 * DAY_MINUTES;

test("retention follows a clock that goes on, and one that goes back", () => {
	assert.equal(after([START]).retentionMinute, START);
	assert.equal(after([START, START + 1, START + DAY_MINUTES]).retentionMinute, START + DAY_MINUTES);
	assert.equal(after([START, START - YEAR]).retentionMinute, START - YEAR);
});

test("a clock that goes ahead for less than a day moves nothing out of its time, and is forgotten when it is back", () => {
	const ahead = after([START, ...minutes(START + 2 * YEAR, DAY_MINUTES - 1)]);
	assert.equal(ahead.retentionMinute, START);
	assert.equal(ahead.countedTo, START + 2 * YEAR + DAY_MINUTES - 2);
	const back = advance(ahead, START + 60);
	assert.deepEqual(back, { countedTo: START + 60, retentionMinute: START + 60, aheadMinutes: 0 });
});

test("a clock that stays ahead is believed once a day was counted by it, with pauses or without", () => {
	assert.equal(after([START, ...minutes(START + 2 * YEAR, DAY_MINUTES + 1)]).retentionMinute, START + 2 * YEAR + DAY_MINUTES);
	const weekly = Array.from({ length: 5 }, (_, week) => minutes(START + YEAR + week * 7 * DAY_MINUTES, 400)).flat();
	assert.ok(after([START, ...weekly]).retentionMinute > START + YEAR);
});

test("a clock that leaps again and again is believed no sooner", () => {
	assert.equal(after([START, ...Array.from({ length: 1000 }, (_, n) => START + (n + 1) * YEAR)]).retentionMinute, START);
});

test("counting is continuous while batches come at most five minutes from each other", () => {
	const time = after([START]);
	assert.deepEqual(
		[START - 6, START - 5, START, START + 5, START + 6].map((minute) => isContinuous(time, minute)),
		[false, true, true, true, false],
	);
	assert.equal(isContinuous(undefined, START), false);
});

function after(all: readonly number[]): CountedTime {
	const time = all.reduce<CountedTime | undefined>(advance, undefined);
	assert.ok(time);
	return time;
}

function minutes(from: number, count: number): number[] {
	return Array.from({ length: count }, (_, n) => from + n);
}
