// What is told of a process, read from its folder in /proc.

import { closeSync, constants, openSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { printable, redactedCommandLine } from "./command-line.ts";
import { type Place, placeOf } from "./control-group.ts";
import { readSome } from "./read-some.ts";

export interface ProcessFacts extends Place {
	readonly pid: number;
	readonly executable: string;
	readonly commandLine: string;
	readonly startedAtMs: number;
}

/** A process as it was found. */
export interface Found {
	readonly facts: ProcessFacts;
	readonly parentPid: number;
	/** The user whose files it may open (fsuid): a socket that it makes is this one's. */
	readonly uid: number;
}

/** A process, and how it is known that it is the one meant. */
export interface Suspect {
	readonly pid: number;
	/** A descriptor that it has, and what the link of that says. */
	readonly holds?: { readonly descriptor: string; readonly link: string };
	/** A time that it has seen, in milliseconds since the machine was started (CLOCK_BOOTTIME), asked for once nothing is urgent: what began later only has its number. */
	readonly livedAtMs?: () => number;
	/** Address of the server that it asked; "" where that was by a path. */
	readonly serverAddress: string;
}

const COMMAND_LINE_MAX_BYTES = 4096;
const EXECUTABLE_MAX_CHARACTERS = 255;
/** The kernel tells times in these, whatever it counts in itself (proc_pid_stat(5), `USER_HZ`). */
const TICK_MS = 10;

let bootedAtMs: number | undefined;

/**
 * What a process is.
 *
 * A folder of /proc that is open stays that of its process: whatever gets the same number later, is not read here.
 *
 * @returns `undefined`: it does not hold that any more, had not begun then, has ended, or turned into another program meanwhile.
 */
export function factsOf({ pid, holds, livedAtMs = () => Infinity, serverAddress }: Suspect): Found | undefined {
	const open: number[] = [];
	const openFolder = (path: string) => {
		const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
		open.push(fd);
		return `/proc/self/fd/${fd}`;
	};
	try {
		const folder = openFolder(`/proc/${pid}`);
		if (holds !== undefined && readlinkSync(`${folder}/fd/${holds.descriptor}`) !== holds.link) return undefined;
		// In the order in which they are gone when a process ends.
		const executable = executableOf(folder);
		const text = readSome(`${folder}/cmdline`, COMMAND_LINE_MAX_BYTES);
		const isWhole = text.length < COMMAND_LINE_MAX_BYTES;
		if (text.length === 0) return undefined;
		// The first is what the program likes to be called. The last may have been cut off: it is no word then.
		const [, ...words] = text.toString().replace(/\0*$/, "").split("\0");
		if (!isWhole && words.length > 0) words[words.length - 1] = "";
		const [root, work] = words.some(mayBeFile) ? [openFolder(`${folder}/root`), openFolder(`${folder}/cwd`)] : ["", ""];
		const { leader, parentPid, uid } = statusOf(folder);
		const startedMs = startOf(folder);
		if (startedMs > livedAtMs() + TICK_MS) return undefined;
		// A thread's number is one of /proc, too, and its folder has the same descriptors.
		if (leader !== pid) return factsOf({ pid: leader, livedAtMs, serverAddress, ...(holds === undefined ? {} : { holds }) });
		const place = placeOf(readSome(`${folder}/cgroup`, 16_384).toString());
		if (becameAnother(folder, executable)) return undefined;
		const commandLine = redactedCommandLine({
			executable,
			words,
			serverAddress,
			isFile: (word) => mayBeFile(word) && isRegularFile(word.startsWith("/") ? `${root}${word}` : `${work}/${word}`),
		});
		return { facts: { pid, executable, commandLine, startedAtMs: bootedAt() + startedMs, ...place }, parentPid, uid };
	} catch {
		return undefined; // It has ended: there is nothing left to read.
	} finally {
		for (const fd of open) closeSync(fd);
	}
}

function executableOf(folder: string): string {
	const path = readlinkSync(`${folder}/exe`).replace(/ \(deleted\)$/, "");
	return printable(path).slice(0, EXECUTABLE_MAX_CHARACTERS);
}

/** A process that has ended since has been the same until then. */
function becameAnother(folder: string, executable: string): boolean {
	try {
		return executableOf(folder) !== executable;
	} catch {
		return false;
	}
}

function statusOf(folder: string): { leader: number; parentPid: number; uid: number } {
	const text = readSome(`${folder}/status`, 4096).toString("latin1");
	const number = (before: RegExp) => Number(before.exec(text)?.[1]);
	return {
		leader: number(/^Tgid:\t(\d+)$/m),
		parentPid: number(/^PPid:\t(\d+)$/m),
		// Real, effective, saved, and that of the file system.
		uid: number(/^Uid:\t\d+\t\d+\t\d+\t(\d+)$/m),
	};
}

/** Since the machine was started: the 22nd field (proc_pid_stat(5)). The second is a name, which may hold spaces and brackets. */
function startOf(folder: string): number {
	const text = readSome(`${folder}/stat`, 4096).toString("latin1");
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	return Number(fields[19]) * TICK_MS;
}

function bootedAt(): number {
	return (bootedAtMs ??= Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1] ?? 0) * 1000);
}

function mayBeFile(word: string): boolean {
	return word !== "" && !word.startsWith("-") && !word.includes("://") && !word.split("/").includes("..");
}

function isRegularFile(path: string): boolean {
	try {
		return statSync(path).isFile();
	} catch {
		return false;
	}
}
