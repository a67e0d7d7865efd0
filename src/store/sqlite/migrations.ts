/**
 * The schema, one step a version: a database at `PRAGMA user_version` n has had the first n. Only ever append.
 *
 * An entry's revision is its rowid, so the table itself lies in the order of changes and a watch is a range scan of its tail.
 * A deleted key stays as a tombstone (no value) until compaction, which remembers how far it went.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE entries (revision INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB) STRICT;
	CREATE INDEX tombstones ON entries (revision) WHERE value IS NULL;
	CREATE TABLE compaction (revision INTEGER NOT NULL) STRICT;
	INSERT INTO compaction VALUES (0);
	`,
];
