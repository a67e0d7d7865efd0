import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "./port.ts";
import { update } from "./update.ts";

const VALUE = new Uint8Array([1]);

/** One key, whose first `conflicts` puts lose against somebody else's. */
function contended(conflicts: number) {
	let entry: Entry = { key: "k", value: VALUE, revision: 1n };
	let puts = 0;
	return {
		puts: () => puts,
		get: async () => entry,
		put: async (key: string, value: Uint8Array, expected: bigint) => {
			assert.equal(expected, entry.revision);
			entry = { key, value, revision: entry.revision + 1n };
			return ++puts > conflicts ? entry.revision : undefined;
		},
	};
}

test("a lost race is run again from a fresh read", async () => {
	const store = contended(3);
	const seen: (bigint | undefined)[] = [];
	const written = await update(store, "k", (before) => (seen.push(before?.revision), new Uint8Array([9])));
	assert.deepEqual(written, { key: "k", value: new Uint8Array([9]), revision: 5n });
	assert.deepEqual(seen, [1n, 2n, 3n, 4n]);
});

test("a missing key is given as undefined and created", async () => {
	const missing = {
		get: async () => undefined,
		put: async (_key: string, _value: Uint8Array, expected: bigint) => (expected === 0n ? 1n : undefined),
	};
	assert.deepEqual(await update(missing, "k", (before) => (before === undefined ? VALUE : undefined)), {
		key: "k",
		value: VALUE,
		revision: 1n,
	});
});

test("a change that answers undefined writes nothing", async () => {
	const store = contended(0);
	assert.equal(await update(store, "k", () => undefined), undefined);
	assert.equal(store.puts(), 0);
});

test("endless conflicts end in an error that names the key", async () => {
	const store = contended(Infinity);
	await assert.rejects(
		update(store, "k", () => VALUE),
		/key "k" .* 100 attempts/,
	);
	assert.equal(store.puts(), 100);
});
