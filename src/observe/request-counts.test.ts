import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RequestCounts, Tally } from "./request-counts.ts";
import { SERIES_COUNT, seriesOf } from "./request-series.ts";

const MINUTE_MS = 60_000;
const V1 = seriesOf("v1", 200);
const V2 = seriesOf("v2", 200);

/** Quadruples by instance, minute and series, added up. */
function told(...drained: readonly ReturnType<RequestCounts["drain"]>[]): Record<string, number> {
	const ids = drained.flatMap((each) => each.ids);
	const sums: Record<string, number> = {};
	for (const { counts } of drained) {
		for (let at = 0; at < counts.length; at += 4) {
			const key = `${ids[counts[at]!]} ${counts[at + 1]} ${counts[at + 2]}`;
			sums[key] = (sums[key] ?? 0) + counts[at + 3]!;
		}
	}
	return sums;
}

test("requests are counted by instance, minute and series, each in the minute of its answer", () => {
	const counts = new RequestCounts();
	const [a, b] = [new Tally("i-a"), new Tally("i-b")];
	counts.add(a, V1, 0);
	counts.add(a, V2, MINUTE_MS - 1);
	counts.add(b, V1, MINUTE_MS - 1);
	counts.add(a, V1, MINUTE_MS);
	counts.add(a, V1, MINUTE_MS + 1);
	assert.deepEqual(told(counts.drain()), { [`i-a 0 ${V1}`]: 1, [`i-a 0 ${V2}`]: 1, [`i-b 0 ${V1}`]: 1, [`i-a 1 ${V1}`]: 2 });
	assert.deepEqual(counts.drain(), { ids: [], counts: new Uint32Array() });
});

test("an instance keeps its handle, also when its tally is a new one", () => {
	const counts = new RequestCounts();
	counts.add(new Tally("i-a"), V1, 0);
	const first = counts.drain();
	counts.add(new Tally("i-b"), V1, 0);
	counts.add(new Tally("i-a"), V1, 0);
	const second = counts.drain();
	assert.deepEqual([first.ids, second.ids], [["i-a"], ["i-b"]]);
	assert.deepEqual(told(first, second), { [`i-a 0 ${V1}`]: 2, [`i-b 0 ${V1}`]: 1 });
});

test("totals go on over minutes and drains, and tell calls without a token by instance", () => {
	const counts = new RequestCounts();
	const [a, b] = [new Tally("i-a"), new Tally("i-b")];
	counts.add(a, V1, 0);
	counts.drain();
	counts.add(a, V1, MINUTE_MS * 3);
	counts.add(b, V2, MINUTE_MS * 3);
	assert.equal(counts.total(V1), 2);
	assert.deepEqual([...counts.totalsOf(V1)], [["i-a", 2]]);
	assert.deepEqual([...counts.totalsOf(V2)], []);
	assert.equal(counts.summary().withToken, 1);
	assert.equal(counts.summary().withoutToken, 2);
});

test("whatever way the clock goes, nothing is lost, counted twice or put into another minute", () => {
	const request = fc.record({ who: fc.nat(3), series: fc.nat(SERIES_COUNT - 1), atMs: fc.nat(10 * MINUTE_MS), drain: fc.boolean() });
	fc.assert(
		fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
			const counts = new RequestCounts();
			const tallies = [0, 1, 2, 3].map((n) => new Tally(`i-${n}`));
			const drained: ReturnType<RequestCounts["drain"]>[] = [];
			const expected: Record<string, number> = {};
			for (const { who, series, atMs, drain } of requests) {
				counts.add(tallies[who]!, series, atMs);
				const key = `i-${who} ${Math.floor(atMs / MINUTE_MS)} ${series}`;
				expected[key] = (expected[key] ?? 0) + 1;
				if (drain) drained.push(counts.drain());
			}
			drained.push(counts.drain());
			assert.deepEqual(told(...drained), expected);
		}),
	);
});
