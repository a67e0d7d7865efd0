// Opens the file of a store and makes sure of it: that it is ours alone, whole, of a version we know, and nobody else's to read.
// Whatever is refused is left exactly as it was found.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../port.ts";
import { MIGRATIONS } from "./migrations.ts";
import { ImpossibleRow } from "./statements.ts";

export const MEMORY = ":memory:";

/** "IMDS" in ASCII: https://www.sqlite.org/pragma.html#pragma_application_id. */
const APPLICATION_ID = 0x494d4453;

const SQLITE_TROUBLES: Readonly<Record<number, "locked" | "corrupt" | "full" | "unusable">> = {
	1: "corrupt", // SQLITE_ERROR: the statements are fixed, so the schema is not what they were written for
	3: "unusable", // SQLITE_PERM
	5: "locked", // SQLITE_BUSY
	6: "locked", // SQLITE_LOCKED
	8: "unusable", // SQLITE_READONLY
	10: "unusable", // SQLITE_IOERR, also for a quota or file size limit
	11: "corrupt", // SQLITE_CORRUPT
	13: "full", // SQLITE_FULL
	14: "unusable", // SQLITE_CANTOPEN
	26: "corrupt", // SQLITE_NOTADB
};

/** Opens or creates the database at an absolute path or in memory, locked, migrated and durable. Throws `StoreError`. */
export function openDatabase(path: string): DatabaseSync {
	try {
		if (path === MEMORY) return takeOver(new DatabaseSync(MEMORY), path);
		makeFile(path);
		lookFirst(path);
		const database = takeOver(new DatabaseSync(path), path);
		writePid(path);
		return database;
	} catch (error) {
		throw asStoreError(error, path);
	}
}

export function closeDatabase(database: DatabaseSync, path: string): void {
	if (path !== MEMORY) rmSync(pidFile(path), { force: true });
	database.close();
}

/** What SQLite or the file system said, as a sentence for the user; what only a bug can cause stays as it is. */
export function asStoreError(error: unknown, path: string): unknown {
	if (!(error instanceof Error) || error instanceof StoreError) return error;
	const options = { cause: error };
	switch (troubleOf(error)) {
		case "locked":
			return new StoreError(
				"locked",
				`The store ${path} is in use by another process${holder(path)}: stop it, or choose another path.`,
				options,
			);
		case "corrupt":
			return corrupt(path, error.message, options);
		case "full":
			return new StoreError("full", `The store ${path} has no space left and nothing was written: free some and try again.`, options);
		case "unusable":
			return new StoreError(
				"unusable",
				`The store ${path} cannot be used (${error.message}): check its folder, permissions and disk.`,
				options,
			);
		case undefined:
			return error;
	}
}

function troubleOf(error: Error): "locked" | "corrupt" | "full" | "unusable" | undefined {
	if (error instanceof ImpossibleRow) return "corrupt";
	// The low byte is the primary code: https://www.sqlite.org/rescode.html.
	if ("errcode" in error && typeof error.errcode === "number") return SQLITE_TROUBLES[error.errcode & 0xff];
	if (codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT") return "full";
	return "syscall" in error ? "unusable" : undefined;
}

function makeFile(path: string): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	if (sizeBytes(path) === 0 && sizeBytes(`${path}-wal`) > 0) {
		// SQLite would take the log for a leftover and delete it, with every write in it.
		throw corrupt(path, `it is empty or missing while its log ${path}-wal is there`);
	}
	try {
		// SQLite would create it readable by all. Its log takes over the mode.
		closeSync(openSync(path, "wx", 0o600));
	} catch (error) {
		// Quirk: an existing file is never opened here, only by SQLite: closing any descriptor of it would drop this process's locks on it.
		if (codeOf(error) !== "EEXIST") throw error;
	}
}

/** After a crash, closing a writing connection would move the log into the file, refused or not: so the first look only reads. */
function lookFirst(path: string): void {
	if (sizeBytes(`${path}-wal`) === 0) return;
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(path, { readOnly: true });
		inspect(database, path);
	} catch (error) {
		const refusal = asStoreError(error, path);
		// A file system without shared memory can only be read by the writing connection, which needs none.
		if (!(refusal instanceof StoreError && refusal.code === "unusable")) throw refusal;
	} finally {
		database?.close();
	}
}

function takeOver(database: DatabaseSync, path: string): DatabaseSync {
	try {
		// Until there is a log, journal in memory: no crash in this very moment shall leave a third file beside the two.
		if (sizeBytes(path) === 0) database.exec("PRAGMA journal_mode = MEMORY");
		// Taken at once, kept until the end, and given back by the kernel if the process dies.
		database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
		inspect(database, path);
		database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON");
		if (path !== MEMORY) rmSync(`${path}-shm`, { force: true }); // lookFirst's, of no use to an exclusive connection
		migrate(database);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

function inspect(database: DatabaseSync, path: string): void {
	const id = number(database, "PRAGMA application_id");
	const isNew = id === 0 && number(database, "SELECT count(*) FROM sqlite_schema") === 0;
	if (id !== APPLICATION_ID && !isNew) throw corrupt(path, "it is the database of another program");
	const version = number(database, "PRAGMA user_version");
	if (version > MIGRATIONS.length) {
		throw new StoreError(
			"version",
			`The store ${path} was written by a newer OpenIMDS (store version ${version}, this one knows ${MIGRATIONS.length}): upgrade this one.`,
		);
	}
	const verdict = String(first(database, "PRAGMA quick_check(1)"));
	if (verdict !== "ok") throw corrupt(path, verdict.replace(/^.*\n/, "")); // its first line names the database, which is always "main"
}

function migrate(database: DatabaseSync): void {
	for (let version = number(database, "PRAGMA user_version"); version < MIGRATIONS.length; version++) {
		// The two pragmas live in the file's header and so belong to the transaction. A failure closes the connection, which rolls it back.
		database.exec(`BEGIN; ${MIGRATIONS[version]}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}; COMMIT`);
	}
}

/** Only for the message of whoever finds the store locked: the lock itself is the kernel's. */
function writePid(path: string): void {
	try {
		writeFileSync(pidFile(path), `${process.pid}\n`, { mode: 0o600 });
	} catch {
		// A full disk must not keep a store from being opened and read.
	}
}

function holder(path: string): string {
	try {
		const pid = readFileSync(pidFile(path), "utf8").trim();
		return /^\d+$/.test(pid) ? ` (pid ${pid})` : "";
	} catch {
		return ""; // not written yet, or not for us to read
	}
}

function pidFile(path: string): string {
	return `${path}.pid`;
}

function corrupt(path: string, why: string, options?: ErrorOptions): StoreError {
	return new StoreError(
		"corrupt",
		`The store ${path} is not a sound OpenIMDS store (${why}): restore a backup, or move it away to start anew.`,
		options,
	);
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}

function sizeBytes(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function number(database: DatabaseSync, sql: string): number {
	return Number(first(database, sql));
}

function first(database: DatabaseSync, sql: string): unknown {
	return Object.values(database.prepare(sql).get() ?? {})[0];
}
