import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StartError } from "./start-error.ts";

/** Where a service keeps what must outlast it, and where commands reach it. */
export interface DataFolder {
	readonly path: string;
	/** The store's file; `:memory:` for a service that keeps nothing. */
	readonly storePath: string;
	readonly socketPath: string;
	/** Removes the folder of a service that keeps nothing. */
	dispose(): Promise<void>;
}

/** Names in a data folder. */
export const STORE_FILE = "store.sqlite";
const SOCKET_FILE = "control.sock";

/** The kernel's bound for the path of a Unix socket (unix(7): 108 bytes with the closing zero). */
const SOCKET_PATH_MAX_BYTES = 107;

/** The socket of the service that uses a data folder. */
export function socketPathOf(dataDir: string): string {
	return join(dataDir, SOCKET_FILE);
}

/**
 * Makes a data folder ready: it exists, and nobody else can look into it.
 *
 * @throws {StartError} saying what is wrong with the folder and what would mend it.
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
	try {
		await makeFolder(dataDir);
		const { mode } = await stat(dataDir);
		if ((mode & 0o077) !== 0) await chmod(dataDir, 0o700);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new StartError(
			`The data folder ${dataDir} can't be used (${reason}). Choose another with --data-dir, or keep nothing with --ephemeral.`,
		);
	}
	return folder(dataDir, join(dataDir, STORE_FILE), async () => {});
}

/** A data folder that is gone when the service stops: its store is memory only. */
export async function openEphemeralFolder(): Promise<DataFolder> {
	const path = await mkdtemp(join(tmpdir(), "openimds-"));
	return folder(path, ":memory:", () => rm(path, { recursive: true, force: true }));
}

// Quirk: not mkdir's own `recursive`, which below /proc tries for ever.
async function makeFolder(path: string): Promise<void> {
	try {
		await mkdir(path, { mode: 0o700 });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
		if (code !== "ENOENT") throw error;
		await makeFolder(dirname(path));
		await mkdir(path, { mode: 0o700 });
	}
}

function folder(path: string, storePath: string, dispose: () => Promise<void>): DataFolder {
	const socketPath = socketPathOf(path);
	if (Buffer.byteLength(socketPath) > SOCKET_PATH_MAX_BYTES) {
		throw new StartError(`The data folder ${path} has too long a name for a Unix socket in it. Choose a shorter one with --data-dir.`);
	}
	return { path, storePath, socketPath, dispose };
}
