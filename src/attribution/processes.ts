// Processes by their folders in /proc, and which of them holds a socket.

import { openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { readSome } from "./read-some.ts";

/** How far back from the newest process one is looked for before the folder of all is read. */
const NEWEST = 6;
/** The kernel's own bound of processes is 4 194 304; whoever has so many is not looked through. */
const PROCESSES_MAX = 32_768;
/** The usual limit of a process (`ulimit -n`) is 1024. */
const DESCRIPTORS_MAX = 8192;
/** linux/sched.h */
const PF_EXITING = 4;

/**
 * Processes in the order in which one is worth a look: the newest first, since those are the ones that soon end; then those that are
 * known to ask; then all others, newest first.
 */
export function* likelyProcesses(known: Iterable<number>): Generator<number> {
	const seen = new Set<number>();
	const newest = newestProcess();
	for (let pid = newest; pid > newest - NEWEST && pid > 0; pid--) {
		seen.add(pid);
		yield pid;
	}
	for (const pid of known) {
		if (seen.has(pid)) continue;
		seen.add(pid);
		yield pid;
	}
	const all = readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
	for (const pid of all.toSorted((a, b) => b - a).slice(0, PROCESSES_MAX)) if (!seen.has(pid)) yield pid;
}

/**
 * The descriptor by which a process has a socket.
 *
 * @param link what its link says: `socket:[INODE]`.
 * @returns `undefined`: it has none, or has ended; `"hidden"`: it may not be looked into.
 */
export function descriptorOf(pid: number, link: string): string | undefined {
	const folder = `/proc/${pid}/fd`;
	let names: readonly string[];
	try {
		names = readdirSync(folder);
	} catch (error) {
		return isRefusal(error) ? "hidden" : undefined;
	}
	// The newest have the highest numbers, mostly.
	for (const name of names.slice(-DESCRIPTORS_MAX).toReversed()) {
		try {
			if (readlinkSync(`${folder}/${name}`) === link) return name;
		} catch (error) {
			if (isRefusal(error)) return "hidden";
			// Closed meanwhile.
		}
	}
	return undefined;
}

/** `net:[INODE]`, the network namespace of a process; `undefined`: it has ended; `"hidden"`: it may not be looked into. */
export function networkNamespaceOf(pid: number): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/ns/net`);
	} catch (error) {
		return isRefusal(error) ? "hidden" : undefined;
	}
}

let loadFile: number | undefined;
const loadText = Buffer.alloc(128);

/** The fifth field of /proc/loadavg (proc_loadavg(5)). The file stays open: this is where a lookup begins, and it is a race. */
function newestProcess(): number {
	loadFile ??= openSync("/proc/loadavg", "r");
	const text = loadText.toString("latin1", 0, readSync(loadFile, loadText, 0, loadText.length, 0));
	return Number(text.slice(text.lastIndexOf(" ") + 1));
}

/** Whether a process or a thread has ended, or is just about to, when nothing of it can be read any more (proc_pid_stat(5), `flags`). */
export function hasEnded(pid: number): boolean {
	try {
		const text = readSome(`/proc/${pid}/stat`, 4096).toString("latin1");
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return (Number(fields[6]) & PF_EXITING) !== 0;
	} catch {
		return true;
	}
}

/** Whose a process is now; `undefined`: it has ended. */
export function uidOf(pid: number): number | undefined {
	return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function isRefusal(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === "EACCES" || code === "EPERM";
}
