// Files made once, at the first start, and kept: secrets that everything issued later hangs on.

import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StartError } from "./start-error.ts";

/** What a kept file holds and how it is written. */
export interface KeptFile<T> {
	/** What is in it, for the error that says it is not: "a set of identity keys". */
	readonly noun: string;
	readonly make: () => Promise<T>;
	readonly encode: (content: T) => string;
	/** Throws where the text is not what {@link encode} wrote. */
	readonly decode: (text: string) => Promise<T> | T;
}

/**
 * What a file holds, made there if there is no such file. Of several processes that start together one makes it and all
 * read the same. A file that can't be read whole is refused with a sentence that names it and left as it is: what was
 * issued under the old secret would be worth nothing under a new one.
 */
export async function readOrMake<T>(path: string, kept: KeptFile<T>): Promise<T> {
	const found = await read(path, kept);
	if (found !== undefined) return found;
	const made = await kept.make();
	return (await publish(path, kept.encode(made))) ? made : readOrMake(path, kept);
}

async function read<T>(path: string, { decode, noun }: KeptFile<T>): Promise<T | undefined> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (error) {
		if (codeOf(error) === "ENOENT") return undefined;
		throw error;
	}
	try {
		return await decode(text);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new StartError(`${path} does not hold ${noun} (${reason}). Bring it back from a backup, or delete it to have a new one made.`, {
			cause: error,
		});
	}
}

/** Writes beside the file and gives it its name at the end. False: another process did so first. */
async function publish(file: string, text: string): Promise<boolean> {
	const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
	try {
		await writeFile(draft, text, { flag: "wx", mode: 0o600, flush: true });
		return await giveName(draft, file);
	} finally {
		await rm(draft, { force: true });
	}
}

async function giveName(draft: string, file: string): Promise<boolean> {
	try {
		// A rename would replace the keys of a process that was faster; a link fails.
		await link(draft, file);
	} catch (error) {
		if (codeOf(error) === "EEXIST") return false;
		await rename(draft, file); // some file systems have no hard links
	}
	await syncFolder(file);
	return true;
}

async function syncFolder(file: string): Promise<void> {
	if (process.platform === "win32") return; // which cannot open a folder
	const folder = await open(dirname(file));
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}
