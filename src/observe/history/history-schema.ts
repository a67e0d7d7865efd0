export const SCHEMA_VERSION = 1;

const COUNTS = `minute INTEGER NOT NULL, series INTEGER NOT NULL, instance INTEGER NOT NULL, count INTEGER NOT NULL,
		PRIMARY KEY (minute, series, instance)`;

/**
 * Instances and programs are told by small keys. A count is in one of the recent tables (recent-counts.ts) until the hour is over, then in
 * `packed`: in buckets of 1, 5 or 60 minutes, a blob for each day. All lie in the order of time, so that writing touches few pages, and what is old
 * lies together. Nothing is kept of a minute without counts: a span says that an instance ran, and in which mode; `until` is null while it does.
 */
export const SCHEMA = `
	CREATE TABLE counted_time (counted_to INTEGER NOT NULL, retention_minute INTEGER NOT NULL, ahead_minutes INTEGER NOT NULL) STRICT;
	CREATE TABLE instance (
		key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, last_minute INTEGER NOT NULL, v1_ms INTEGER, rejected_ms INTEGER
	) STRICT;
	CREATE TABLE recent0 (${COUNTS}) STRICT, WITHOUT ROWID;
	CREATE TABLE recent1 (${COUNTS}) STRICT, WITHOUT ROWID;
	CREATE TABLE packing (written INTEGER NOT NULL, packed_below INTEGER NOT NULL, hour INTEGER NOT NULL) STRICT;
	INSERT INTO packing VALUES (0, 0, 0);
	CREATE TABLE packed (
		size INTEGER NOT NULL, day INTEGER NOT NULL, series INTEGER NOT NULL, instance INTEGER NOT NULL, data BLOB NOT NULL,
		PRIMARY KEY (size, day, series, instance)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE span (
		instance INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER, mode TEXT NOT NULL
	) STRICT;
	CREATE INDEX span_of_instance ON span (instance);
	CREATE TABLE program (
		key INTEGER PRIMARY KEY, instance INTEGER NOT NULL, identity TEXT NOT NULL, facts TEXT NOT NULL, last_hour INTEGER NOT NULL,
		UNIQUE (instance, identity)
	) STRICT;
	CREATE TABLE calls (
		hour INTEGER NOT NULL, program INTEGER NOT NULL,
		class0 INTEGER NOT NULL, class1 INTEGER NOT NULL, class2 INTEGER NOT NULL, class3 INTEGER NOT NULL, class4 INTEGER NOT NULL,
		answered INTEGER NOT NULL, rejected INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
		PRIMARY KEY (hour, program)
	) STRICT, WITHOUT ROWID`;
