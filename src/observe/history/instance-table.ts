import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LastCalls } from "../call-reader.ts";

/** The instances that something is known of, by small keys. */
export class InstanceTable {
	readonly #find: StatementSync;
	readonly #insert: StatementSync;
	readonly #all: StatementSync;
	readonly #lastKey: StatementSync;
	readonly #someKeys: StatementSync;
	readonly #setLastCalls: StatementSync;
	readonly #lastCalls: StatementSync;
	readonly #forget: StatementSync;
	/**
	 * Never more than the table says: emptied when a transaction fails, or rows are deleted. That is once a day, and an instance that isn't in here
	 * is touched in the table: so that is never behind by more than a day.
	 */
	readonly #keys = new Map<string, number>();

	constructor(database: DatabaseSync) {
		this.#find = database.prepare("SELECT key FROM instance WHERE id = ?");
		this.#insert = database.prepare(
			`INSERT INTO instance (id, last_minute) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET last_minute = max(last_minute, excluded.last_minute) RETURNING key`,
		);
		this.#all = database.prepare("SELECT key, id FROM instance");
		this.#someKeys = database.prepare("SELECT key FROM instance WHERE key >= ? ORDER BY key LIMIT ?");
		this.#lastKey = database.prepare("SELECT coalesce(max(key), 0) AS key FROM instance");
		this.#setLastCalls = database.prepare(
			"UPDATE instance SET v1_ms = coalesce(?, v1_ms), rejected_ms = coalesce(?, rejected_ms) WHERE key = ?",
		);
		this.#lastCalls = database.prepare("SELECT id, v1_ms, rejected_ms FROM instance WHERE v1_ms IS NOT NULL OR rejected_ms IS NOT NULL");
		this.#forget = database.prepare(
			`DELETE FROM instance WHERE key BETWEEN ? AND ? AND last_minute < ?
			AND NOT EXISTS (SELECT * FROM span WHERE instance = key) AND NOT EXISTS (SELECT * FROM program WHERE program.instance = instance.key)`,
		);
	}

	/** Undefined when nothing is known of it. */
	find(id: string): number | undefined {
		const key = this.#keys.get(id) ?? this.#find.get(id)?.["key"];
		return typeof key === "number" ? key : undefined;
	}

	/** The key of an instance that something becomes known of in that minute. */
	keyOf(id: string, minute: number): number {
		const known = this.#keys.get(id);
		if (known !== undefined) return known;
		const key = Number(this.#insert.get(id, minute)?.["key"]);
		this.#keys.set(id, key);
		return key;
	}

	/** The ids of all instances, by their keys. */
	all(): Map<number, string> {
		return new Map(this.#all.all().map(({ key, id }) => [Number(key), String(id)]));
	}

	/** So many keys from one on, in order. */
	keys(from: number, limit: number): number[] {
		return this.#someKeys.all(from, limit).map(({ key }) => Number(key));
	}

	/** The largest key there is; 0 without any. */
	lastKey(): number {
		return Number(this.#lastKey.get()?.["key"]);
	}

	setLastCalls(key: number, { v1Ms, rejectedMs }: LastCalls): void {
		this.#setLastCalls.run(v1Ms ?? null, rejectedMs ?? null, key);
	}

	lastCalls(): LastCalls[] {
		return this.#lastCalls.all().map(({ id, v1_ms: v1Ms, rejected_ms: rejectedMs }) => ({
			instanceId: String(id),
			...(v1Ms !== null && { v1Ms: Number(v1Ms) }),
			...(rejectedMs !== null && { rejectedMs: Number(rejectedMs) }),
		}));
	}

	/** Deletes those of a range of keys of which nothing is known since a minute. */
	forget(first: number, last: number, before: number): void {
		this.#forget.run(first, last, before);
		this.#keys.clear();
	}

	/** After a transaction that failed: what it made is gone. */
	rolledBack(): void {
		this.#keys.clear();
	}
}
