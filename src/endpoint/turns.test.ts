import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import fc from "fast-check";
import { ANSWERS_PER_TURN, ANSWERS_PER_TURN_ALONE, Turns, TurnShare } from "./turns.ts";

for (const [who, perTurn, others] of [
	["alone", ANSWERS_PER_TURN_ALONE, 0],
	["among others", ANSWERS_PER_TURN, 1],
] as const) {
	test(`a caller ${who} gets its answers at once up to ${perTurn}, then in order, so many a turn`, async () => {
		const turns = new Turns();
		for (let n = 0; n < others; n++) turns.take(new TurnShare());
		const share = new TurnShare();
		const answered: number[] = [];
		const ask = (n: number) => (turns.take(share) ? answered.push(n) : turns.putOff(share, { catchUp: () => answered.push(n) }));
		const crowd = 2 * perTurn + 8;
		for (let n = 0; n < crowd; n++) ask(n);
		assert.equal(answered.length, perTurn);
		await turn();
		assert.equal(answered.length, 2 * perTurn);
		ask(crowd); // not before those that wait
		await turn();
		assert.deepEqual(
			answered,
			Array.from({ length: crowd + 1 }, (_, n) => n),
		);
		await turn();
		for (let n = 0; n < perTurn; n++) ask(n);
		assert.equal(answered.length, crowd + 1 + perTurn);
	});
}

test("who asks on while nobody else does is alone after a while", async () => {
	const turns = new Turns();
	const share = new TurnShare();
	turns.take(new TurnShare());
	for (let n = 0; n < 5000; n++) {
		if (!turns.take(share)) turns.putOff(share, { catchUp() {} });
		if (n % 10 === 0) await turn();
	}
	while (share.isWaiting) await turn();
	await turn();
	share.spent = 0;
	let atOnce = 0;
	while (turns.take(share)) atOnce++;
	assert.equal(atOnce, ANSWERS_PER_TURN_ALONE);
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
				assert.ok(answered.flat().length - before <= ANSWERS_PER_TURN_ALONE);
				assert.ok(answered.flat().length > before);
			}
			assert.deepEqual(answered, asked);
		}),
		{ numRuns: 50 },
	);
});
