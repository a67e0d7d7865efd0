// Opens the file of the history. What cannot be used is set aside: nothing that happened to it may keep the service from counting.
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DamagedFile } from "./damaged-file.ts";
import { SCHEMA, SCHEMA_VERSION } from "./history-schema.ts";

export const MEMORY = ":memory:";

/** "IMDH" in ASCII: https://www.sqlite.org/pragma.html#pragma_application_id. */
const APPLICATION_ID = 0x494d4448;

/** SQLite's cache of pages. It is the operating system that keeps the rest of a file at hand. */
const CACHE_KIB = 16 * 1024;

/** A row of a table without rowid that is longer than a quarter of a page gets a page of its own for the rest: a day has up to 1.4 kB. */
const PAGE_BYTES = 8192;

/** How long the log grows before it is moved into the file: 4 MiB. */
const LOG_PAGES = 512;

/** What a file that was long written without a pause may leave of its log. */
const LOG_MAX_BYTES = 16 * 1024 * 1024;

/** What a history in memory may take. */
const MEMORY_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Opens or creates the file, for this process alone, or a history in memory. One that is damaged, of another version, or may not be written is
 * renamed, and a new one begun; where that isn't possible either, the history is in memory. `say` gets a sentence about it.
 * Throws an error whose {@link troubleOf} is "unwritable" when there is no room on the disk, or another process has it: try again later.
 */
export function openHistoryFile(path: string, say: (sentence: string) => void): DatabaseSync {
	if (path === MEMORY) return openMemory();
	try {
		return open(path);
	} catch (error) {
		if (troubleOf(error) === "unwritable" && !isForGood(error)) throw error;
		return beginAnew(path, reasonOf(error), say);
	}
}

/** Sets a file aside that nobody has open, for that reason, and begins a new one; in memory, where that isn't possible. */
export function beginAnew(path: string, reason: string, say: (sentence: string) => void): DatabaseSync {
	if (path === MEMORY) return openMemory();
	try {
		setAside(path, reason, say);
		return open(path);
	} catch (error) {
		say(`The history of counts ${path} cannot be used (${reasonOf(error)}): counts are kept in memory, and lost when the service ends.`);
		return openMemory();
	}
}

/** What an error says of the file; undefined when it says nothing: it is a bug. */
export function troubleOf(error: unknown): "damaged" | "unwritable" | undefined {
	if (error instanceof DamagedFile) return "damaged";
	const code = sqliteCode(error);
	if (code === undefined) return error instanceof Error && "syscall" in error ? "unwritable" : undefined;
	return DAMAGED.has(code) ? "damaged" : UNWRITABLE.has(code) ? "unwritable" : undefined;
}

export function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Renames a file, its log with it, and says so. Throws when it can't be. */
function setAside(path: string, reason: string, say: (sentence: string) => void): void {
	const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[-:.]/g, "")}`;
	if (!existsSync(path)) return;
	renameSync(path, aside);
	if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
	say(`The history of counts ${path} cannot be used (${reason}): it is kept as ${aside}, and a new one has begun.`);
}

// https://www.sqlite.org/rescode.html. SQLITE_ERROR, since the statements are fixed: the schema isn't what they were written for.
const DAMAGED = new Set([1, 11, 26]); // ERROR, CORRUPT, NOTADB
const UNWRITABLE = new Set([3, 5, 6, 8, 10, 13, 14]); // PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
const TRY_AGAIN = new Set([5, 6, 13]); // BUSY, LOCKED, FULL

/** Whether it is of no use to try again. */
function isForGood(error: unknown): boolean {
	const code = sqliteCode(error);
	if (code !== undefined) return !TRY_AGAIN.has(code);
	return !(error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT"));
}

/** The low byte is the primary code. */
function sqliteCode(error: unknown): number | undefined {
	return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

function open(path: string): DatabaseSync {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	// SQLite would create it readable by all. Its log takes over the mode.
	if (!existsSync(path)) closeSync(openSync(path, "wx", 0o600));
	const database = new DatabaseSync(path);
	try {
		database.exec(
			`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; PRAGMA cache_size = -${CACHE_KIB}`,
		);
		migrate(database);
		database.exec(
			`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA journal_size_limit = ${LOG_MAX_BYTES}`,
		);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

function openMemory(): DatabaseSync {
	const database = new DatabaseSync(MEMORY);
	database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA max_page_count = ${MEMORY_MAX_BYTES / PAGE_BYTES}`);
	migrate(database);
	return database;
}

/** The pragmas live in the file's header, and so belong to the transaction. */
function migrate(database: DatabaseSync): void {
	const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
	if (number("SELECT count(*) FROM sqlite_schema") > 0) {
		if (number("PRAGMA application_id") !== APPLICATION_ID) throw new DamagedFile("it is the database of another program");
		const version = number("PRAGMA user_version");
		if (version !== SCHEMA_VERSION) throw new DamagedFile(`it is of version ${version}, this program's is ${SCHEMA_VERSION}`);
		return;
	}
	database.exec(`BEGIN; ${SCHEMA}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}
