import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Change, Entry } from "../port.ts";

type Row = Record<string, SQLOutputValue>;

export type Statements = ReturnType<typeof prepare>;

/** The statements of a store, with revisions as bigints. */
export function prepare(database: DatabaseSync) {
	const statement = (sql: string): StatementSync => {
		const prepared = database.prepare(sql);
		prepared.setReadBigInts(true);
		return prepared;
	};
	return {
		latest: statement("SELECT revision FROM entries ORDER BY revision DESC LIMIT 1"),
		compacted: statement("SELECT revision FROM compaction"),
		get: statement("SELECT key, value, revision FROM entries WHERE key = ? AND value IS NOT NULL"),
		current: statement("SELECT revision FROM entries WHERE key = ? AND value IS NOT NULL"),
		list: statement("SELECT key, value, revision FROM entries WHERE key >= ? AND key < ? AND value IS NOT NULL ORDER BY key LIMIT ?"),
		// NOT INDEXED keeps it to the tail of the table, where the planner might prefer the keys and sort.
		watch: statement(
			"SELECT key, value, revision FROM entries NOT INDEXED WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision LIMIT ?",
		),
		set: statement(
			`INSERT INTO entries (revision, key, value) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value`,
		),
		excessTombstone: statement(
			"SELECT revision FROM entries INDEXED BY tombstones WHERE value IS NULL ORDER BY revision DESC LIMIT 1 OFFSET ?",
		),
		forget: statement("DELETE FROM entries INDEXED BY tombstones WHERE value IS NULL AND revision <= ?"),
		setCompacted: statement("UPDATE compaction SET revision = ?"),
	};
}

/** Greater than every key that begins with the prefix, because "~" sorts after every character a key may have. */
export function endOf(prefix: string): string {
	return `${prefix}~`;
}

/** The revision in a row, 0n without one. */
export function revisionOf(row: Row | undefined): bigint {
	return typeof row?.revision === "bigint" ? row.revision : 0n;
}

/** A row that no statement of ours can have written: the file is damaged where SQLite itself does not look, as in a record's header. */
export class ImpossibleRow extends Error {}

/** Throws an `ImpossibleRow`. */
export function toEntry(row: Row): Entry {
	const { key, value, revision } = toChange(row);
	if (value === undefined) throw new ImpossibleRow(`the deleted key ${key} among the entries`);
	return { key, value, revision };
}

/** Throws an `ImpossibleRow`. */
export function toChange({ key, value, revision }: Row): Change {
	if (typeof key !== "string" || typeof revision !== "bigint") throw new ImpossibleRow("a row that the STRICT table cannot hold");
	return { key, value: value instanceof Uint8Array ? value : undefined, revision };
}
