import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { failure } from "../contract.ts";
import { type Change, type Store, StoreError } from "../port.ts";
import { openSqliteStore } from "./sqlite-store.ts";

interface Plain {
	readonly key: string;
	readonly value: number | undefined;
	readonly revision: bigint;
}

/** The store as the port describes it, with no thought for speed, disks or processes. */
class Model {
	readonly changes = new Map<string, { value: number | undefined; revision: bigint }>();
	readonly tombstonesKept: number;
	revision = 0n;
	compacted = 0n;

	constructor(tombstonesKept: number) {
		this.tombstonesKept = tombstonesKept;
	}

	current(key: string): bigint {
		const change = this.changes.get(key);
		return change?.value === undefined ? 0n : change.revision;
	}

	write(key: string, value: number | undefined, expected: bigint): bigint | undefined {
		if (this.current(key) !== expected || (value === undefined && expected === 0n)) return undefined;
		this.changes.set(key, { value, revision: ++this.revision });
		return this.revision;
	}

	compact(): void {
		const tombstones = [...this.changes]
			.filter(([, { value }]) => value === undefined)
			.sort(([, a], [, b]) => Number(b.revision - a.revision));
		for (const [key] of tombstones.slice(this.tombstonesKept)) this.changes.delete(key);
		this.compacted = tombstones[this.tombstonesKept]?.[1].revision ?? this.compacted;
	}

	list(prefix: string): Plain[] {
		const live = [...this.changes].filter(([key, { value }]) => key.startsWith(prefix) && value !== undefined);
		return live.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, change]) => ({ key, ...change }));
	}

	watch(prefix: string, from: bigint): Plain[] | "compacted" {
		if (from > 0n && from < this.compacted) return "compacted";
		const news = [...this.changes].filter(([key, { revision }]) => key.startsWith(prefix) && revision > from);
		return news.sort(([, a], [, b]) => Number(a.revision - b.revision)).map(([key, change]) => ({ key, ...change }));
	}
}

const key = fc.constantFrom("a", "a/", "a/b", "a/c", "aXb", "a_b", "b", "B/c");
const prefix = fc.constantFrom("", "a", "a/", "a_", "b", "c");
const write = fc.record({
	key,
	value: fc.option(fc.nat(255), { nil: undefined }),
	expected: fc.constantFrom("current", "current", "current", "none", "stale"),
});
const step = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), writes: fc.array(write, { minLength: 1, maxLength: 6 }) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("list" as const), prefix }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("watch" as const), prefix, back: fc.nat(12) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("follow" as const), count: fc.nat(4) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);
const history = fc.record({ tombstonesKept: fc.constantFrom(0, 2, 10_000), steps: fc.array(step, { maxLength: 40 }) });

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), "openimds-store-"))));
after(() => rm(folder, { recursive: true }));

for (const [place, runs] of [
	["memory", 300],
	["a file", 60],
] as const) {
	test(`any history in ${place} reads as a naive model does, by get, list, revision and watch`, async () => {
		let run = 0;
		const property = fc.asyncProperty(history, async ({ tombstonesKept, steps }) => {
			const path = place === "memory" ? ":memory:" : join(folder, `${run++}.db`);
			const model = new Model(tombstonesKept);
			let store = await openSqliteStore({ path, tombstonesKept });
			let follower = new Follower(store);
			for (const step of steps) {
				if (step.do === "write") {
					// Asked for in one turn, so one transaction: what one expects may be what the one before it wrote.
					const outcomes = step.writes.map(({ key, value, expected: kind }) => {
						const current = model.current(key);
						const expected = kind === "current" ? current : kind === "none" ? 0n : current + 1n;
						const outcome = value === undefined ? store.delete(key, expected) : store.put(key, new Uint8Array([value]), expected);
						const revision = model.write(key, value, expected);
						return { outcome, wanted: value === undefined ? revision !== undefined : revision };
					});
					if (step.writes.some(({ value }) => value === undefined)) model.compact();
					assert.deepEqual(
						await Promise.all(outcomes.map(({ outcome }) => outcome)),
						outcomes.map(({ wanted }) => wanted),
					);
					for (const { key } of step.writes) assert.equal((await store.get(key))?.revision ?? 0n, model.current(key));
				} else if (step.do === "list") {
					const listed: Plain[] = [];
					for await (const entry of store.list(step.prefix)) listed.push({ ...entry, value: entry.value[0] });
					assert.deepEqual(listed, model.list(step.prefix));
				} else if (step.do === "watch") {
					const from = model.revision > BigInt(step.back) ? model.revision - BigInt(step.back) : 0n;
					await checkWatch(store, { prefix: step.prefix, from, wanted: model.watch(step.prefix, from) });
				} else if (step.do === "follow") {
					const latest = [...model.changes.values()].reduce((latest, { revision }) => (revision > latest ? revision : latest), 0n);
					await follower.follow(step.count, latest);
				} else if (place === "a file") {
					await store.close();
					store = await openSqliteStore({ path, tombstonesKept });
					follower = new Follower(store);
				}
				assert.equal(await store.revision(), model.revision);
			}
			await store.put("end", new Uint8Array([1]), 0n);
			model.write("end", 1, 0n);
			const state = await follower.stateAtTheEnd();
			if (state === "compacted") assert.ok(model.compacted > 0n);
			else assert.deepEqual(state, new Map(model.list("").map(({ key, value }) => [key, value])));
			await store.close();
		});
		await fc.assert(property, { numRuns: runs });
	});
}

test("however a file is damaged, opening and reading it either works or fails with a StoreError", async () => {
	const path = join(folder, "sound.db");
	const sound = await openSqliteStore({ path });
	await Promise.all(Array.from({ length: 60 }, (_, n) => sound.put(`k/${n}`, new Uint8Array(600).fill(n), 0n)));
	await sound.delete("k/0", 1n);
	await sound.close();
	const bytes = await readFile(path);
	const flips = fc.array(fc.record({ at: fc.nat(bytes.length - 1), mask: fc.integer({ min: 1, max: 255 }) }), {
		minLength: 1,
		maxLength: 20,
	});
	const headerFlips = fc.array(fc.record({ at: fc.nat(4095), mask: fc.integer({ min: 1, max: 255 }) }), { minLength: 1, maxLength: 3 });
	let run = 0;
	const property = fc.asyncProperty(fc.oneof(flips, headerFlips), fc.option(fc.nat(bytes.length)), async (damage, length) => {
		const damaged = Uint8Array.prototype.slice.call(bytes, 0, length ?? bytes.length);
		for (const { at, mask } of damage) if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ mask;
		const file = join(folder, `damaged-${run++}.db`);
		await writeFile(file, damaged);
		let store: Store | undefined;
		try {
			store = await openSqliteStore({ path: file });
			for (let n = 0; n < 60; n++) await store.get(`k/${n}`);
			for await (const entry of store.list("")) assert.ok(entry.value.length >= 0);
			const revision = await store.put("after", new Uint8Array(), 0n);
			if (revision !== undefined) await store.delete("after", revision);
		} catch (error) {
			assert.ok(error instanceof StoreError, String(error));
			// Unusable: the header can say that the file is to be read only.
			assert.ok(["corrupt", "version", "unusable"].includes(error.code), error.message);
		}
		await store?.close();
	});
	// A record's header that says its key is a number: SQLite serves it, STRICT table or not.
	const keyNoText: [{ at: number; mask: number }[], null] = [
		[
			{ at: 12_211, mask: 16 },
			{ at: 40, mask: 1 },
		],
		null,
	];
	await fc.assert(property, { numRuns: 300, examples: [keyNoText] });
});

/** A watch from the very beginning that reads on in fits and starts. */
class Follower {
	readonly #changes: AsyncIterator<Change, unknown>;
	readonly #state = new Map<string, number | undefined>();
	#revision = 0n;

	constructor(store: Store) {
		this.#changes = store.watch("", 0n, new AbortController().signal)[Symbol.asyncIterator]();
	}

	async follow(count: number, latest: bigint): Promise<void> {
		for (let n = 0; n < count && this.#revision < latest; n++) if (!(await this.#next())) return;
	}

	async stateAtTheEnd(): Promise<Map<string, number | undefined> | "compacted"> {
		while (!this.#state.has("end")) if (!(await this.#next())) return "compacted";
		return this.#state;
	}

	async #next(): Promise<boolean> {
		try {
			const { done, value: change } = await this.#changes.next();
			if (done === true) return false; // after the error
			assert.ok(change.revision > this.#revision);
			this.#revision = change.revision;
			if (change.value === undefined) this.#state.delete(change.key);
			else this.#state.set(change.key, change.value[0]);
			return true;
		} catch (error) {
			failure("compacted")(error);
			return false;
		}
	}
}

/** Everything that is wanted, then silence. */
async function checkWatch(
	store: Store,
	{ prefix, from, wanted }: { prefix: string; from: bigint; wanted: Plain[] | "compacted" },
): Promise<void> {
	const stop = new AbortController();
	const changes = store.watch(prefix, from, stop.signal)[Symbol.asyncIterator]();
	if (wanted === "compacted") {
		await assert.rejects(changes.next(), failure("compacted"));
		return;
	}
	for (const change of wanted) {
		const next: IteratorResult<Change, unknown> = await changes.next();
		assert.ok(next.done !== true);
		assert.deepEqual({ ...next.value, value: next.value.value?.[0] }, change);
	}
	const next = changes.next();
	stop.abort();
	assert.deepEqual(await next, { done: true, value: undefined });
}
