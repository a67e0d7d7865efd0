import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { launchAlone } from "../../../test/categories/world.ts";
import type { CallReader } from "../../observe/call-reader.ts";
import { seriesOf } from "../../observe/request-series.ts";
import { readinessOf, type Seen, verdictOf } from "./readiness.ts";

const DAY = 86_400;
const NOW_MS = Date.UTC(2026, 0, 31, 12);
const INSTANCE = { ...launchAlone({ instanceId: "i-1234567890abcdef0" }), state: "running" as const };
const QUIET: Seen = { v1Calls: 0, rejectedCalls: 0, observedSeconds: DAY };

describe("an instance may be required to use IMDSv2", () => {
	const cases: readonly (readonly [name: string, seen: Partial<Seen>, periodSeconds: number, verdict: string])[] = [
		["once it was watched for the whole period, and nobody called without a token", {}, DAY, "safe"],
		["but not after one call", { v1Calls: 1 }, DAY, "unsafe"],
		["but not after a call, however short the time it was watched", { v1Calls: 1, observedSeconds: 60 }, DAY, "unsafe"],
		["but not where it was watched for a part of the period only", { observedSeconds: DAY - 121 }, DAY, "unknown"],
		["also where a restart took two minutes of the period", { observedSeconds: DAY - 120 }, DAY, "safe"],
		["in a short period, too", { observedSeconds: 0 }, 60, "safe"],
		["though not in one of which nothing was seen", { observedSeconds: 0 }, 600, "unknown"],
		["whatever was seen, where nobody looks back", { v1Calls: 9, observedSeconds: 0 }, 0, "safe"],
		["whatever was rejected: only who gets an answer now has one to lose", { rejectedCalls: 5 }, DAY, "safe"],
	];
	for (const [name, seen, periodSeconds, verdict] of cases) {
		test(name, () => assert.equal(verdictOf(INSTANCE, { ...QUIET, ...seen }, periodSeconds).verdict, verdict));
	}

	test("unless it requires it already", () => {
		const metadataOptions = { ...INSTANCE.metadataOptions, httpTokens: "required" as const };
		assert.equal(verdictOf({ ...INSTANCE, metadataOptions }, { ...QUIET, v1Calls: 3 }, DAY).verdict, "required");
	});

	test("only while it runs", () => {
		for (const state of ["pending", "stopping", "stopped", "shutting-down"] as const) {
			const { verdict, reason } = verdictOf({ ...INSTANCE, state }, QUIET, DAY);
			assert.equal(verdict, "unknown");
			assert.match(reason, new RegExp(state));
		}
	});
});

test("a call that got a 404 counts like one that found something: both would be rejected", async () => {
	const series = [seriesOf("v1", 200), seriesOf("v1", 404), seriesOf("v1", 401)];
	const sumsOf = (wanted: readonly number[], given: readonly number[]) => wanted.map((each) => given[series.indexOf(each)] ?? 0);
	const reader = (given: readonly number[]): CallReader => ({
		calls: () => Promise.resolve([]),
		lastCalls: () => Promise.resolve([{ instanceId: INSTANCE.instanceId, v1Ms: NOW_MS - 5 }]),
		observed: (instanceIds, _from, _to, wanted) =>
			Promise.resolve(instanceIds.map((instanceId) => ({ instanceId, minutes: 1440, optionalMinutes: 1440, sums: sumsOf(wanted, given) }))),
	});
	const [found, missed] = await Promise.all(
		[
			[2, 0, 0],
			[0, 3, 7],
		].map(async (given) => (await readinessOf([INSTANCE], { calls: reader(given), periodSeconds: DAY, nowMs: NOW_MS }))[0]),
	);
	assert.deepEqual([found?.v1Calls, found?.verdict, found?.lastV1Ms], [2, "unsafe", NOW_MS - 5]);
	assert.deepEqual([missed?.v1Calls, missed?.rejectedCalls, missed?.verdict], [3, 7, "unsafe"]);
});

test("an instance of which nothing is known was watched for no time", async () => {
	const nothing: CallReader = {
		calls: () => Promise.resolve([]),
		lastCalls: () => Promise.resolve([]),
		observed: () => Promise.resolve([]),
	};
	const [readiness] = await readinessOf([INSTANCE], { calls: nothing, periodSeconds: DAY, nowMs: NOW_MS });
	assert.equal(readiness?.verdict, "unknown");
	assert.equal(readiness?.reason, "It was not watched for the whole period.");
});
