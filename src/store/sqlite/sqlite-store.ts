import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Change, type Entry, type Store, StoreError, checkKey, checkPrefix, checkRevision, checkValue } from "../port.ts";
import { MEMORY, asStoreError, closeDatabase, openDatabase } from "./open-database.ts";
import { type Statements, endOf, prepare, revisionOf, toChange, toEntry } from "./statements.ts";

/** Enough for a watch to sleep through any ordinary clean-up; a tombstone is about a hundred bytes. */
const TOMBSTONES_KEPT = 10_000;

/** Writes in one transaction at most, so that an import of thousands stops the event loop for tens of milliseconds and not for a second. */
const GROUP_MAX = 1000;

/** Rows read at once by a list or a watch: what a slow reader holds in memory. */
const PAGE_ROWS = 100;

export interface SqliteStoreOptions {
	/** A file, created with its folder when missing, or ":memory:". */
	readonly path: string;
	/** How many deletions are remembered for watches that begin or read late. */
	readonly tombstonesKept?: number;
}

/** Opens a store that belongs to this process alone. Rejects with a `StoreError` when it cannot. */
export async function openSqliteStore({ path, tombstonesKept = TOMBSTONES_KEPT }: SqliteStoreOptions): Promise<Store> {
	// Absolute, because SQLite reads a path that begins with "file:" as a URI.
	const location = path === MEMORY ? path : resolve(path);
	const database = openDatabase(location);
	try {
		return new SqliteStore(database, location, tombstonesKept);
	} catch (error) {
		closeDatabase(database, location);
		throw asStoreError(error, location);
	}
}

interface Write {
	key: string;
	/** Null deletes. */
	value: Uint8Array | null;
	expected: bigint;
	done: PromiseWithResolvers<bigint | undefined>;
}

/**
 * Writes of one turn of the event loop share a transaction, hence an fsync, and are answered after its COMMIT.
 * Nothing in memory but the two revisions mirrors the table, and those move only after a COMMIT: a failed one leaves no trace.
 * A watch is a cursor over the table and not a queue, so that it coalesces by itself and a slow reader holds one page.
 */
class SqliteStore implements Store {
	readonly durable: boolean;
	readonly #database: DatabaseSync;
	readonly #path: string;
	readonly #tombstonesKept: number;
	readonly #statements: Statements;
	readonly #wakeWatches = new Set<() => void>();
	readonly #writes: Write[] = [];
	#revision: bigint;
	#compacted: bigint;
	#closed = false;

	constructor(database: DatabaseSync, path: string, tombstonesKept: number) {
		this.durable = path !== MEMORY;
		this.#database = database;
		this.#path = path;
		this.#tombstonesKept = tombstonesKept;
		this.#statements = prepare(database);
		const latest = revisionOf(this.#statements.latest.get());
		this.#compacted = revisionOf(this.#statements.compacted.get());
		// The latest change of all may have been a deletion forgotten since.
		this.#revision = latest > this.#compacted ? latest : this.#compacted;
	}

	async get(key: string): Promise<Entry | undefined> {
		checkKey(key);
		return this.#query(() => {
			const row = this.#statements.get.get(key);
			return row && toEntry(row);
		});
	}

	async *list(prefix: string): AsyncIterable<Entry> {
		checkPrefix(prefix);
		let from = prefix;
		for (;;) {
			const entries = this.#query(() => this.#statements.list.all(from, endOf(prefix), PAGE_ROWS).map(toEntry));
			yield* entries;
			const last = entries[PAGE_ROWS - 1];
			if (last === undefined) return;
			from = `${last.key}!`; // "!" sorts before every character a key may have: the very next key
		}
	}

	async revision(): Promise<bigint> {
		this.#assertOpen();
		return this.#revision;
	}

	async put(key: string, value: Uint8Array, expected: bigint): Promise<bigint | undefined> {
		checkKey(key);
		checkValue(value);
		checkRevision("expected", expected);
		// A copy, because the caller may reuse its buffer before the commit.
		return this.#write(key, new Uint8Array(value), expected);
	}

	async delete(key: string, expected: bigint): Promise<boolean> {
		checkKey(key);
		checkRevision("expected", expected);
		return (await this.#write(key, null, expected)) !== undefined;
	}

	async *watch(prefix: string, from: bigint, signal: AbortSignal): AsyncIterable<Change> {
		checkPrefix(prefix);
		checkRevision("from", from);
		let sleeper: (() => void) | undefined;
		const wake = (): void => sleeper?.();
		// Deletions up to here are no news: who asks from 0n knows of no key yet.
		const known = from === 0n ? this.#revision : from;
		let cursor = from;
		this.#wakeWatches.add(wake);
		signal.addEventListener("abort", wake);
		try {
			while (!signal.aborted && !this.#closed) {
				this.#assertKnown(cursor > known ? cursor : known);
				const present = this.#revision;
				const changes = this.#query(() => this.#statements.watch.all(cursor, prefix, endOf(prefix), PAGE_ROWS).map(toChange));
				for (const change of changes) {
					yield change;
					if (signal.aborted || this.#closed) return;
				}
				cursor = changes[PAGE_ROWS - 1]?.revision ?? present;
				if (cursor === this.#revision) await new Promise<void>((wakeUp) => (sleeper = wakeUp));
			}
		} finally {
			this.#wakeWatches.delete(wake);
			signal.removeEventListener("abort", wake);
		}
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		while (this.#writes.length > 0) this.#commit();
		this.#closed = true;
		for (const wake of this.#wakeWatches) wake();
		closeDatabase(this.#database, this.#path);
	}

	#write(key: string, value: Uint8Array | null, expected: bigint): Promise<bigint | undefined> {
		this.#assertOpen();
		if (this.#writes.length === 0) setImmediate(() => this.#commit());
		const done = Promise.withResolvers<bigint | undefined>();
		this.#writes.push({ key, value, expected, done });
		return done.promise;
	}

	#commit(): void {
		const writes = this.#writes.splice(0, GROUP_MAX);
		if (writes.length === 0) return; // close() came first
		if (this.#writes.length > 0) setImmediate(() => this.#commit());
		try {
			const { revisions, revision, compacted } = this.#query(() => this.#transact(writes));
			for (const [index, write] of writes.entries()) write.done.resolve(revisions[index]);
			this.#compacted = compacted;
			if (revision === this.#revision) return; // conflicts only
			this.#revision = revision;
			for (const wake of this.#wakeWatches) wake();
		} catch (error) {
			for (const write of writes) write.done.reject(error);
		}
	}

	#transact(writes: readonly Write[]): { revisions: (bigint | undefined)[]; revision: bigint; compacted: bigint } {
		let revision = this.#revision;
		this.#database.exec("BEGIN IMMEDIATE");
		try {
			const revisions = writes.map(({ key, value, expected }) => {
				const current = revisionOf(this.#statements.current.get(key));
				if (current !== expected || (value === null && current === 0n)) return undefined;
				this.#statements.set.run(++revision, key, value);
				return revision;
			});
			const compacted = writes.some(({ value }) => value === null) ? this.#compact() : this.#compacted;
			this.#database.exec("COMMIT");
			return { revisions, revision, compacted };
		} catch (error) {
			// A full disk makes SQLite roll back by itself.
			if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
			throw error;
		}
	}

	/** Forgets all but the newest deletions. */
	#compact(): bigint {
		const excess = revisionOf(this.#statements.excessTombstone.get(this.#tombstonesKept));
		if (excess === 0n) return this.#compacted;
		this.#statements.forget.run(excess);
		this.#statements.setCompacted.run(excess);
		return excess;
	}

	#query<T>(query: () => T): T {
		this.#assertOpen();
		try {
			return query();
		} catch (error) {
			throw asStoreError(error, this.#path);
		}
	}

	#assertOpen(): void {
		if (this.#closed) throw new StoreError("closed", `The store ${this.#path} is closed.`);
	}

	#assertKnown(from: bigint): void {
		if (from >= this.#compacted && from <= this.#revision) return;
		throw new StoreError(
			"compacted",
			`The store ${this.#path} knows the changes after revision ${this.#compacted} up to ${this.#revision}, not from ${from}: list it again.`,
		);
	}
}
