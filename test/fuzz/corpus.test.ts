/** The inputs that `npm run fuzz` has found, and some that it should not have to find, tried again. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CORPUS, FUZZ_TARGETS } from "./targets.ts";

test("every folder of the corpus is a target's, and every target has one", () => {
	const folders = readdirSync(CORPUS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	assert.deepEqual(folders.map(({ name }) => name).toSorted(), Object.keys(FUZZ_TARGETS).toSorted());
});

for (const [name, open] of Object.entries(FUZZ_TARGETS)) {
	describe(`fuzz target ${name}`, async () => {
		const { inputs, check } = await open();
		const folder = join(CORPUS, name);
		for (const file of readdirSync(folder)) test(`holds for ${file}`, () => check(readFileSync(join(folder, file))));

		test("holds for a moment's worth of new inputs", () => {
			fc.assert(fc.property(inputs, check), { numRuns: 1000 });
		});
	});
}
