import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { failure, storeContract } from "../contract.ts";
import type { Store } from "../port.ts";
import { openSqliteStore } from "./sqlite-store.ts";

storeContract("sqlite in a file", async () => {
	const folder = await mkdtemp(join(tmpdir(), "openimds-store-"));
	const path = join(folder, "imds.db");
	let store = await openSqliteStore({ path });
	return {
		store,
		reopen: async () => {
			await store.close();
			return (store = await openSqliteStore({ path }));
		},
		dispose: async () => {
			await store.close();
			await rm(folder, { recursive: true });
		},
	};
});

storeContract("sqlite in memory", async () => {
	const store = await openSqliteStore({ path: ":memory:" });
	return { store, dispose: () => store.close() };
});

describe("compaction of deletions", () => {
	const signal = new AbortController().signal;

	test("a watch from before the oldest deletion still known is told to list again", async () => {
		const store = await openSqliteStore({ path: ":memory:", tombstonesKept: 3 });
		await createAndDelete(store, 5); // created at 1 to 5, deleted at 6 to 10, of which 6 and 7 are forgotten
		await assert.rejects(first(store.watch("", 6n, signal)), failure("compacted"));
		assert.deepEqual(await first(store.watch("", 7n, signal)), { key: "gone/2", value: undefined, revision: 8n });
		await store.close();
	});

	test("a watch from 0 needs no deletions and never is", async () => {
		const store = await openSqliteStore({ path: ":memory:", tombstonesKept: 0 });
		await store.put("here", new Uint8Array(), 0n);
		await createAndDelete(store, 5);
		assert.equal((await first(store.watch("", 0n, signal)))?.key, "here");
		await store.close();
	});

	test("a watch overtaken by it is told to list again, unless all it had missed is from before its beginning", async () => {
		const store = await openSqliteStore({ path: ":memory:", tombstonesKept: 0 });
		for (let n = 0; n < 250; n++) void store.put(`k/${n}`, new Uint8Array(), 0n);
		const changes = store.watch("", 0n, signal)[Symbol.asyncIterator]();
		await store.delete("k/0", 1n);
		assert.deepEqual(await changes.next(), { done: false, value: { key: "k/1", value: new Uint8Array(), revision: 2n } });
		await store.delete("k/249", 250n);
		await assert.rejects(async () => {
			while ((await changes.next()).done !== true);
		}, failure("compacted"));
		await store.close();
	});

	test("what it forgot, and the revision it reached, outlive a reopening", async () => {
		const folder = await mkdtemp(join(tmpdir(), "openimds-store-"));
		const path = join(folder, "imds.db");
		let store = await openSqliteStore({ path, tombstonesKept: 0 });
		await store.put("here", new Uint8Array(), 0n);
		await createAndDelete(store, 5);
		await store.close();
		const database = new DatabaseSync(path, { readOnly: true });
		assert.equal(database.prepare("SELECT * FROM entries").all().length, 1);
		database.close();
		store = await openSqliteStore({ path });
		assert.equal(await store.revision(), 11n);
		await assert.rejects(first(store.watch("", 10n, signal)), failure("compacted"));
		assert.equal(await store.put("a", new Uint8Array(), 0n), 12n);
		await store.close();
		await rm(folder, { recursive: true });
	});
});

test("writes of one turn see each other in order, and readers see none before all", async () => {
	const store = await openSqliteStore({ path: ":memory:" });
	const outcomes = Promise.all([
		store.put("a", new Uint8Array([1]), 0n),
		store.put("a", new Uint8Array([2]), 0n),
		store.put("a", new Uint8Array([3]), 1n),
		store.delete("a", 2n),
		store.put("a", new Uint8Array([4]), 0n),
	]);
	assert.equal(await store.get("a"), undefined);
	assert.deepEqual(await outcomes, [1n, undefined, 2n, true, 4n]);
	await store.close();
});

test("thousands of writes at once are all answered, in the order of asking", async () => {
	const store = await openSqliteStore({ path: ":memory:" });
	const revisions = await Promise.all(Array.from({ length: 3500 }, (_, n) => store.put(`k/${n}`, new Uint8Array(), 0n)));
	assert.deepEqual(
		revisions,
		revisions.map((_, n) => BigInt(n + 1)),
	);
	await store.close();
});

test("a transaction that fails half way leaves nothing behind, and the next one works", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "openimds-store-"));
	t.after(() => rm(folder, { recursive: true }));
	const path = join(folder, "imds.db");
	await (await openSqliteStore({ path })).close();
	const database = new DatabaseSync(path);
	database.exec("INSERT INTO entries VALUES (9223372036854775805, 'near the end of all revisions', x'00')");
	database.close();
	const store = await openSqliteStore({ path });
	const group = await Promise.allSettled(["a", "b", "c"].map((key) => store.put(key, new Uint8Array(), 0n)));
	assert.deepEqual(
		group.map((outcome) => outcome.status),
		["rejected", "rejected", "rejected"],
	);
	assert.equal(await store.get("a"), undefined);
	assert.equal(await store.put("a", new Uint8Array(), 0n), 9223372036854775806n);
	await store.close();
});

async function createAndDelete(store: Store, count: number): Promise<void> {
	const keys = Array.from({ length: count }, (_, n) => `gone/${n}`);
	const revisions = await Promise.all(keys.map((key) => store.put(key, new Uint8Array(), 0n)));
	for (const [n, key] of keys.entries()) assert.equal(await store.delete(key, revisions[n] ?? 0n), true);
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
	for await (const item of items) return item;
	return undefined;
}
