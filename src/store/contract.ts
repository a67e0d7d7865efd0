// What port.ts promises, as one suite that every engine must pass. `STORES=sqlite,nats` picks engines by the first word of their name.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { type Change, type Entry, KEY_MAX_BYTES, type Store, StoreError, VALUE_MAX_BYTES } from "./port.ts";
import { update } from "./update.ts";

export interface StoreUnderTest {
	/** Empty and the test's own. */
	readonly store: Store;
	/** Closes the store and opens its data again; missing where nothing outlives the process. */
	readonly reopen?: () => Promise<Store>;
	/** Called last, whether or not the test has closed the store. */
	readonly dispose: () => Promise<void>;
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
	const picked = process.env["STORES"]?.split(",");
	const skip = picked && !picked.includes(name.split(" ")[0] ?? "") ? `not in STORES=${picked.join(",")}` : false;

	function promise(sentence: string, check: (store: Store, reopen: (() => Promise<Store>) | undefined) => Promise<void>): void {
		// The time limit is for an engine that never answers, not for a slow one.
		test(sentence, { timeout: 60_000 }, async () => {
			const { store, reopen, dispose } = await open();
			try {
				await check(store, reopen);
			} finally {
				await dispose();
			}
		});
	}

	describe(`store contract: ${name}`, { skip }, () => {
		describe("compare-and-set", () => {
			promise("an empty store is at revision 0 and its first write at 1", async (store) => {
				assert.equal(await store.revision(), 0n);
				assert.equal(await store.put("a", bytes("1"), 0n), 1n);
				assert.equal(await store.revision(), 1n);
			});

			promise("a missing key is undefined and a written one comes back with its revision", async (store) => {
				assert.equal(await store.get("a"), undefined);
				const revision = await create(store, "a", "1");
				assert.deepEqual(plain(await store.get("a")), { key: "a", value: "1", revision });
			});

			promise("creating a key that exists is a conflict and changes nothing", async (store) => {
				const revision = await create(store, "a", "1");
				assert.equal(await store.put("a", bytes("2"), 0n), undefined);
				assert.deepEqual(plain(await store.get("a")), { key: "a", value: "1", revision });
				assert.equal(await store.revision(), revision);
			});

			promise("a write at the present revision passes and one at a stale revision does not", async (store) => {
				const first = await create(store, "a", "1");
				const second = (await store.put("a", bytes("2"), first)) ?? 0n;
				assert.ok(second > first);
				assert.equal(await store.put("a", bytes("3"), first), undefined);
				assert.deepEqual(plain(await store.get("a")), { key: "a", value: "2", revision: second });
			});

			promise("a write that expects a missing key to exist is a conflict", async (store) => {
				assert.equal(await store.put("a", bytes("1"), 7n), undefined);
				assert.equal(await store.get("a"), undefined);
			});

			promise("revisions are one order over all keys", async (store) => {
				const b = await create(store, "b");
				const a = await create(store, "a");
				const c = await create(store, "c");
				const again = (await store.put("a", bytes("2"), a)) ?? 0n;
				assert.ok(b < a && a < c && c < again);
			});

			promise("only the present revision deletes, and only once", async (store) => {
				const revision = await create(store, "a", "1");
				assert.equal(await store.delete("a", revision + 1n), false);
				assert.equal(await store.delete("a", 0n), false);
				assert.notEqual(await store.get("a"), undefined);
				assert.equal(await store.delete("a", revision), true);
				assert.equal(await store.get("a"), undefined);
				assert.equal(await store.delete("a", revision), false);
				assert.ok((await store.revision()) > revision);
			});

			promise("deleting a missing key answers false", async (store) => {
				assert.equal(await store.delete("a", 0n), false);
				assert.equal(await store.delete("a", 1n), false);
				assert.equal(await store.revision(), 0n);
			});

			promise("a deleted key can be created again, at a later revision", async (store) => {
				const revision = await create(store, "a", "1");
				await store.delete("a", revision);
				assert.equal(await store.put("a", bytes("2"), revision), undefined);
				assert.ok((await create(store, "a", "2")) > revision);
			});

			promise("of many that create one key at once exactly one succeeds", async (store) => {
				const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => store.put("a", bytes(`${n}`), 0n)));
				const winners = outcomes.flatMap((revision, n) => (revision === undefined ? [] : [{ key: "a", value: `${n}`, revision }]));
				assert.equal(winners.length, 1);
				assert.deepEqual(plain(await store.get("a")), winners[0]);
			});

			promise("concurrent increments lose none", async (store) => {
				const written = await Promise.all(
					Array.from({ length: 20 }, () => update(store, "n", (before) => bytes(`${Number(before ? text(before.value) : 0) + 1}`))),
				);
				assert.equal(text((await store.get("n"))?.value), "20");
				assert.equal(new Set(written.map((entry) => entry?.revision)).size, 20);
			});
		});

		describe("list", () => {
			promise("entries come in the byte order of their keys, deleted ones not at all", async (store) => {
				const keys = ["b", "a/2", "a", "a/10", "Z", "a-1", "a.b", "a=", "a@", "a_", "a+", "a:", "a,"];
				for (const key of keys) await create(store, key, key);
				const gone = await create(store, "a/3");
				await store.delete("a/3", gone);
				const listed = await entriesOf(store);
				assert.deepEqual(
					listed.map((entry) => entry.key),
					keys.toSorted(),
				);
				assert.deepEqual(
					listed.map((entry) => text(entry.value)),
					keys.toSorted(),
				);
			});

			promise("a prefix is taken literally", async (store) => {
				for (const key of ["a_b", "aXb", "a.b", "a", "a/b", "A_b", "ab"]) await create(store, key);
				assert.deepEqual(await keysOf(store, "a_"), ["a_b"]);
				assert.deepEqual(await keysOf(store, "a."), ["a.b"]);
				assert.deepEqual(await keysOf(store, "a"), ["a", "a.b", "a/b", "aXb", "a_b", "ab"]);
				assert.deepEqual(await keysOf(store, "a/b"), ["a/b"]);
				assert.deepEqual(await keysOf(store, "a/b/"), []);
			});

			promise("a long list is whole, in order and without doubles", async (store) => {
				const keys = Array.from({ length: 350 }, (_, n) => `k/${n}`);
				await Promise.all(keys.map((key) => store.put(key, bytes(key), 0n)));
				assert.deepEqual(await keysOf(store, "k/"), keys.toSorted());
			});
		});

		describe("watch", () => {
			promise("from 0 it begins with the whole present state, in the order of changes", async (store) => {
				const a = await create(store, "a", "1");
				await create(store, "b", "1");
				await store.put("a", bytes("2"), a);
				const [first, second] = await take(watch(store, ""), 2);
				assert.deepEqual([first?.key, text(first?.value)], ["b", "1"]);
				assert.deepEqual([second?.key, text(second?.value)], ["a", "2"]);
				assert.ok((first?.revision ?? 0n) < (second?.revision ?? 0n));
			});

			promise("live changes follow, writes and deletions, each at its revision", async (store) => {
				const changes = watch(store, "");
				const created = following(changes);
				const revision = await create(store, "a", "1");
				assert.deepEqual(plain(await created), { key: "a", value: "1", revision });
				const deleted = following(changes);
				assert.equal(await store.delete("a", revision), true);
				assert.deepEqual(await deleted, { key: "a", value: undefined, revision: await store.revision() });
			});

			promise("it resumes after a revision: what came before is left out, a deletion since then is not", async (store) => {
				await create(store, "old", "1");
				const gone = await create(store, "gone", "1");
				const from = await store.revision();
				await store.delete("gone", gone);
				const deleted = await store.revision();
				const created = await create(store, "new", "1");
				assert.deepEqual((await take(watch(store, "", { from }), 2)).map(plain), [
					{ key: "gone", value: undefined, revision: deleted },
					{ key: "new", value: "1", revision: created },
				]);
			});

			promise("a prefix hides all other keys and is taken literally", async (store) => {
				for (const key of ["aXb", "b", "a_b"]) await create(store, key);
				const changes = watch(store, "a_");
				assert.equal((await following(changes)).key, "a_b");
				const next = following(changes);
				for (const key of ["aXc", "c", "a_c"]) await create(store, key);
				assert.equal((await next).key, "a_c");
			});

			promise("several watches see the same changes, each what its prefix lets it", async (store) => {
				const watches = ["", "", "x/"].map((prefix) => takeUntil(watch(store, prefix), "x/end"));
				for (const key of ["x/1", "y/1", "x/2", "x/end"]) await create(store, key, key);
				const seen = (await Promise.all(watches)).map((changes) => changes.map((change) => change.key).join(" "));
				assert.deepEqual(seen, ["x/1 y/1 x/2 x/end", "x/1 y/1 x/2 x/end", "x/1 x/2 x/end"]);
			});

			promise("listing and then watching from the revision before misses nothing", async (store) => {
				const state = new Map<string, string>();
				const writing = Array.from({ length: 60 }, (_, n) => update(store, `k/${n % 7}`, () => bytes(`${n}`)));
				const from = await store.revision();
				for await (const entry of store.list("")) state.set(entry.key, text(entry.value));
				await Promise.all(writing);
				await create(store, "end");
				for (const change of await takeUntil(watch(store, "", { from }), "end")) state.set(change.key, text(change.value));
				assert.deepEqual(state, new Map((await entriesOf(store)).map((entry) => [entry.key, text(entry.value)])));
			});

			promise("a slow watch does not hold up writers, and what awaits it is bounded by the number of keys", async (store) => {
				const changes = watch(store, "");
				const first = following(changes);
				await create(store, "k/0", "first");
				await first;
				for (let round = 0; round < 30; round++) {
					await Promise.all(Array.from({ length: 10 }, (_, n) => update(store, `k/${n}`, () => bytes(`${round}`))));
				}
				const last = await store.get("k/9");
				await store.delete("k/9", last?.revision ?? 0n);
				await create(store, "end");
				const seen = await takeUntil(changes, "end");
				assert.ok(seen.length <= 22, `${seen.length} changes of 11 keys, twice 11 at most`);
				const revisions = seen.map((change) => change.revision);
				assert.deepEqual(revisions, revisions.toSorted(byValue));
				const state = new Map(seen.map((change) => [change.key, change.value && text(change.value)]));
				for (let n = 0; n < 9; n++) assert.equal(state.get(`k/${n}`), "29");
				assert.ok(state.has("k/9"));
				assert.equal(state.get("k/9"), undefined);
			});

			promise("aborting ends it quietly, before its beginning, amid a replay and at rest", async (store) => {
				await create(store, "a");
				await create(store, "b");
				const before = watch(store, "", { signal: AbortSignal.abort() });
				assert.deepEqual(await before.next(), { done: true, value: undefined });

				const stopAmid = new AbortController();
				const amid = watch(store, "", stopAmid);
				assert.equal((await following(amid)).key, "a");
				stopAmid.abort();
				assert.deepEqual(await amid.next(), { done: true, value: undefined });

				const stopAtRest = new AbortController();
				const atRest = watch(store, "", stopAtRest);
				await take(atRest, 2);
				const next = atRest.next();
				stopAtRest.abort();
				assert.deepEqual(await next, { done: true, value: undefined });
			});

			promise("a watch from a revision the store has not reached is told to list again", async (store) => {
				await create(store, "a");
				await assert.rejects(watch(store, "", { from: 9n }).next(), failure("compacted"));
			});
		});

		describe("keys and values", () => {
			promise("values come back byte for byte", async (store) => {
				const all = Uint8Array.from({ length: 256 }, (_, n) => n);
				const values = { empty: new Uint8Array(), all, view: all.subarray(100, 103), big: new Uint8Array(randomBytes(VALUE_MAX_BYTES)) };
				for (const [key, value] of Object.entries(values)) {
					await store.put(key, value, 0n);
					assert.deepEqual(new Uint8Array((await store.get(key))?.value ?? []), new Uint8Array(value), key);
				}
				const listed = Object.fromEntries((await entriesOf(store)).map((entry) => [entry.key, entry.value.length]));
				assert.deepEqual(listed, { all: 256, big: VALUE_MAX_BYTES, empty: 0, view: 3 });
				for (const change of await take(watch(store, ""), 4)) assert.notEqual(change.value, undefined, change.key);
			});

			promise("what is done to a buffer after a put or a get does not reach the store", async (store) => {
				const buffer = bytes("before");
				const writing = store.put("a", buffer, 0n);
				buffer.fill(0);
				await writing;
				const entry = await store.get("a");
				assert.equal(text(entry?.value), "before");
				entry?.value.fill(0);
				assert.equal(text((await store.get("a"))?.value), "before");
			});

			promise("the longest key and every allowed character pass", async (store) => {
				const key = "AZaz09/_.:=+,@-".padEnd(KEY_MAX_BYTES, "x");
				const revision = await create(store, key, "1");
				assert.deepEqual(await keysOf(store, key), [key]);
				assert.equal(await store.delete(key, revision), true);
			});

			promise("keys beyond the rules are refused by every call, and nothing changes", async (store) => {
				await create(store, "a", "1");
				const bad = ["x".repeat(KEY_MAX_BYTES + 1), "a b", "a*", "a%", "é", "a\n", "a\0", "a~", "a!"];
				for (const key of [...bad, ""]) {
					await assert.rejects(store.get(key), /^RangeError: key /);
					await assert.rejects(store.put(key, bytes("2"), 0n), /^RangeError: key /);
					await assert.rejects(store.delete(key, 1n), /^RangeError: key /);
				}
				for (const prefix of bad) {
					await assert.rejects(entriesOf(store, prefix), /^RangeError: prefix /);
					await assert.rejects(watch(store, prefix).next(), /^RangeError: prefix /);
				}
				// @ts-expect-error: a caller without types
				await assert.rejects(store.get(7), /^TypeError: key .*number/);
				assert.deepEqual((await entriesOf(store)).map(plain), [{ key: "a", value: "1", revision: 1n }]);
				assert.equal(await store.revision(), 1n);
			});

			promise("values and revisions beyond the rules are refused, and nothing changes", async (store) => {
				await assert.rejects(store.put("a", new Uint8Array(VALUE_MAX_BYTES + 1), 0n), /^RangeError: value of 1048577 bytes/);
				// @ts-expect-error: a caller without types
				await assert.rejects(store.put("a", "text", 0n), /^TypeError: value .*string/);
				await assert.rejects(store.put("a", bytes(""), -1n), /^RangeError: expected .*-1/);
				// @ts-expect-error: a caller without types
				await assert.rejects(store.put("a", bytes(""), 0), /^TypeError: expected .*number/);
				// @ts-expect-error: a caller without types
				await assert.rejects(store.delete("a", 1), /^TypeError: expected .*number/);
				await assert.rejects(watch(store, "", { from: -1n }).next(), /^RangeError: from .*-1/);
				assert.equal(await store.revision(), 0n);
			});
		});

		describe("close and reopen", () => {
			promise("close finishes the writes asked for before it", async (store) => {
				const writing = store.put("a", bytes("1"), 0n);
				await store.close();
				assert.equal(await writing, 1n);
			});

			promise("after close every call fails with closed, and closing again does not", async (store) => {
				await create(store, "a", "1");
				await store.close();
				await store.close();
				await assert.rejects(store.get("a"), failure("closed"));
				await assert.rejects(store.put("a", bytes("2"), 1n), failure("closed"));
				await assert.rejects(store.delete("a", 1n), failure("closed"));
				await assert.rejects(store.revision(), failure("closed"));
				await assert.rejects(entriesOf(store), failure("closed"));
			});

			promise("close ends watches quietly, amid a replay, at rest and asked for later", async (store) => {
				await create(store, "a");
				await create(store, "b");
				const amid = watch(store, "");
				await amid.next();
				const atRest = watch(store, "");
				await take(atRest, 2);
				const next = atRest.next();
				await store.close();
				assert.deepEqual(await next, { done: true, value: undefined });
				assert.deepEqual(await amid.next(), { done: true, value: undefined });
				assert.deepEqual(await watch(store, "").next(), { done: true, value: undefined });
			});

			promise("a durable store has everything again when reopened: entries, revisions, deletions", async (store, reopen) => {
				assert.equal(store.durable, reopen !== undefined);
				if (reopen === undefined) return;
				const a = await create(store, "a", "1");
				await create(store, "b", "1");
				await store.put("a", bytes("2"), a);
				await store.delete("b", (await store.get("b"))?.revision ?? 0n);
				const before = await entriesOf(store);
				const revision = await store.revision();
				const again = await reopen();
				assert.deepEqual((await entriesOf(again)).map(plain), before.map(plain));
				assert.equal(await again.revision(), revision);
				assert.deepEqual(await take(watch(again, "b", { from: 2n }), 1), [{ key: "b", value: undefined, revision }]);
				assert.ok((await create(again, "c")) > revision);
			});
		});
	});
}

/** A matcher for `assert.rejects`: a `StoreError` of this code whose message is one sentence. */
export function failure(code: StoreError["code"]): (error: unknown) => true {
	return (error) => {
		assert.ok(error instanceof StoreError, String(error));
		assert.equal(error.code, code);
		assert.match(error.message, /^The store \S+ .+\.$/);
		return true;
	};
}

function watch(store: Store, prefix: string, { from = 0n, signal = new AbortController().signal } = {}): AsyncIterator<Change, unknown> {
	return store.watch(prefix, from, signal)[Symbol.asyncIterator]();
}

async function take(changes: AsyncIterator<Change, unknown>, count: number): Promise<Change[]> {
	const taken: Change[] = [];
	while (taken.length < count) taken.push(await following(changes));
	return taken;
}

async function takeUntil(changes: AsyncIterator<Change, unknown>, lastKey: string): Promise<Change[]> {
	const taken: Change[] = [];
	while (taken.at(-1)?.key !== lastKey) taken.push(await following(changes));
	return taken;
}

async function following(changes: AsyncIterator<Change, unknown>): Promise<Change> {
	const { done, value } = await changes.next();
	assert.ok(!done, "the watch ended");
	return value;
}

async function create(store: Store, key: string, value = ""): Promise<bigint> {
	const revision = await store.put(key, bytes(value), 0n);
	assert.ok(revision !== undefined, `${key} exists`);
	return revision;
}

async function entriesOf(store: Store, prefix = ""): Promise<Entry[]> {
	const entries: Entry[] = [];
	for await (const entry of store.list(prefix)) entries.push(entry);
	return entries;
}

async function keysOf(store: Store, prefix = ""): Promise<string[]> {
	return (await entriesOf(store, prefix)).map((entry) => entry.key);
}

/** With its value as text, undefined staying undefined, so that a failed comparison can be read. */
function plain(entry: Entry | Change | undefined): object | undefined {
	return entry && { ...entry, value: entry.value && text(entry.value) };
}

function bytes(value: string): Uint8Array {
	return new TextEncoder().encode(value);
}

function text(value: Uint8Array | undefined): string {
	return new TextDecoder().decode(value);
}

function byValue(a: bigint, b: bigint): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
