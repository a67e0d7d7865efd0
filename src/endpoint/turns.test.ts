import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import fc from "fast-check";
import { ANSWERS_PER_TURN, Turns, TurnShare } from "./turns.ts";

test("a caller gets its answers at once up to a turn's worth, then in order, a turn's worth a turn", async () => {
	const turns = new Turns();
	const share = new TurnShare();
	const answered: number[] = [];
	const ask = (n: number) => (turns.take(share) ? answered.push(n) : turns.putOff(share, { catchUp: () => answered.push(n) }));
	const crowd = 2 * ANSWERS_PER_TURN + 8;
	for (let n = 0; n < crowd; n++) ask(n);
	assert.equal(answered.length, ANSWERS_PER_TURN);
	await turn();
	assert.equal(answered.length, 2 * ANSWERS_PER_TURN);
	ask(crowd); // not before those that wait
	await turn();
	assert.deepEqual(
		answered,
		Array.from({ length: crowd + 1 }, (_, n) => n),
	);
	await turn();
	for (let n = 0; n < ANSWERS_PER_TURN; n++) ask(n);
	assert.equal(answered.length, crowd + 1 + ANSWERS_PER_TURN);
});

test("nobody is forgotten, everyone's are in order, and a turn is shared by all who wait", async () => {
	const asks = fc.array(fc.record({ caller: fc.nat(4), isLast: fc.boolean() }), { maxLength: 1000, size: "max" });
	await fc.assert(
		fc.asyncProperty(asks, async (all) => {
			const turns = new Turns();
			const shares = Array.from({ length: 5 }, () => new TurnShare());
			const asked: number[][] = shares.map(() => []);
			const answered: number[][] = shares.map(() => []);
			for (const [n, { caller, isLast }] of all.entries()) {
				const share = shares[caller]!;
				asked[caller]!.push(n);
				const answer = () => void answered[caller]!.push(n);
				if (turns.take(share)) answer();
				else turns.putOff(share, { catchUp: answer });
				if (isLast) await turn();
			}
			while (shares.some(({ isWaiting }) => isWaiting)) {
				const before = answered.flat().length;
				await turn();
				assert.ok(answered.flat().length - before <= Math.max(ANSWERS_PER_TURN, 5));
				assert.ok(answered.flat().length > before);
			}
			assert.deepEqual(answered, asked);
		}),
		{ numRuns: 50 },
	);
});
