import assert from "node:assert/strict";
import { test } from "node:test";
import { PLACES, QuestionBox } from "./question-box.ts";

test("the last question is taken first, each of them once", () => {
	const asking = new QuestionBox();
	const answering = new QuestionBox(asking.memory);
	for (let place = 0; place < PLACES; place++) assert.ok(asking.put((place * 7) % PLACES, `question ${place}`));
	const taken = Array.from({ length: PLACES }, () => answering.take());
	assert.deepEqual(
		taken,
		Array.from({ length: PLACES }, (_, n) => ({ place: ((PLACES - 1 - n) * 7) % PLACES, question: `question ${PLACES - 1 - n}` })),
	);
	assert.ok(asking.put(3, "näxt"));
	assert.deepEqual(answering.take(), { place: 3, question: "näxt" });
});

test("a question that is too long is not put, and the place stays free", () => {
	const box = new QuestionBox();
	assert.equal(box.put(0, "ä".repeat(300)), false);
	assert.ok(box.put(0, "a".repeat(500)));
	assert.equal(box.take()?.question.length, 500);
});

test("once it has ended, nobody waits for a question, nor gets what was left", () => {
	const box = new QuestionBox();
	const answering = new QuestionBox(box.memory);
	box.put(0, "left");
	box.end();
	assert.equal(answering.take(), undefined);
	assert.equal(answering.take(), undefined);
});
