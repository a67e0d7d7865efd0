// One kind of the kernel's events, from an instance of its tracing that is this thread's alone (Documentation/trace/ftrace.rst,
// "Instances"). The kernel keeps the last of them in a small buffer for each processor; nobody is woken, and whoever wants to know reads.
//
// What that changes of the machine: a folder `openimds-THREAD` among tracing's instances, 512 KB of memory or 8 KB a processor, and
// some 100 ns for each event. It goes with close(); one that a killed process left goes when the next one is opened.

import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type Libc, requireLibc } from "./libc.ts";
import { readPage } from "./ring-buffer-page.ts";
import { type Mounted, openTracefs } from "./tracefs.ts";

export interface EventRequest {
	/** `SYSTEM/NAME`. */
	readonly event: string;
	/** Which of them: a condition on its fields. */
	readonly filter: string;
}

/** Where a field is in an event's bytes. */
export interface EventField {
	readonly offset: number;
	readonly sizeBytes: number;
}

const PREFIX = "openimds-";
const BUFFER_KB = 512;
const BUFFER_MAX_KB = 64;
const BUFFER_MIN_KB = 8;
const TRIES_MAX = 10;

/**
 * Begins to trace. Times are by the clock that `process.hrtime` has, too.
 *
 * @throws the system's error, where that is not possible here.
 */
export function openTraceInstance(request: EventRequest): TraceInstance {
	const instance = new TraceInstance(requireLibc(), openTracefs());
	try {
		instance.begin(request);
		return instance;
	} catch (error) {
		instance.close();
		throw error;
	}
}

/** The number that Linux has for the thread that this is. */
export function threadId(): number {
	return Number(basename(readlinkSync("/proc/thread-self")));
}

/** By the clock of events. */
export function monotonicMs(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}

/** Events, as long as it is open. */
export class TraceInstance {
	readonly #libc: Libc;
	readonly #tracefs: Mounted;
	readonly #folder: string;
	/** One for each processor. */
	#pipes: readonly number[] = [];
	#page = Buffer.alloc(0);
	#pagesMax = 0;
	#fields: ReadonlyMap<string, EventField> = new Map();
	/** What all events of the kind begin with. */
	#kind = 0;

	constructor(libc: Libc, tracefs: Mounted) {
		this.#libc = libc;
		this.#tracefs = tracefs;
		this.#folder = `${tracefs.path}/instances/${PREFIX}${threadId()}`;
	}

	/** Called by {@link openTraceInstance}, which closes it where this throws. */
	begin({ event, filter }: EventRequest): void {
		removeLeftovers(`${this.#tracefs.path}/instances`);
		const processors = this.#open();
		const format = readFileSync(`${this.#folder}/events/${event}/format`, "utf8");
		this.#fields = fieldsIn(format);
		this.#kind = Number(/^ID: (\d+)$/m.exec(format)?.[1]);
		const header = fieldsIn(readFileSync(`${this.#tracefs.path}/events/header_page`, "utf8"));
		const { offset, sizeBytes } = header.get("data") ?? missing("data");
		this.#page = Buffer.alloc(offset + sizeBytes);
		const bufferKb = Math.min(BUFFER_MAX_KB, Math.max(BUFFER_MIN_KB, Math.floor(BUFFER_KB / processors.length)));
		// What the kernel rounds up, and the page that it keeps beside for who reads.
		this.#pagesMax = Math.ceil((bufferKb * 1024) / this.#page.length) + 4;
		writeFileSync(`${this.#folder}/buffer_size_kb`, String(bufferKb));
		writeFileSync(`${this.#folder}/trace_clock`, "mono");
		writeFileSync(`${this.#folder}/events/${event}/filter`, filter);
		writeFileSync(`${this.#folder}/events/${event}/enable`, "1");
	}

	/** Makes the folder, and opens its pipes at once. Who begins at the same moment takes what nobody has open for a leftover: then it is made again. */
	#open(): readonly string[] {
		for (let tries = 1; ; tries++) {
			try {
				mkdirSync(this.#folder, { recursive: true });
				const processors = readdirSync(`${this.#folder}/per_cpu`);
				this.#pipes = openAll(processors.map((processor) => `${this.#folder}/per_cpu/${processor}/trace_pipe_raw`));
				return processors;
			} catch (error) {
				const { code } = error as NodeJS.ErrnoException;
				if (tries === TRIES_MAX || (code !== "ENOENT" && code !== "ENODEV")) throw error;
			}
		}
	}

	/**
	 * Where an event has a field.
	 *
	 * @throws {Error} this kernel's has none of that name.
	 */
	field(name: string): EventField {
		return this.#fields.get(name) ?? missing(name);
	}

	/**
	 * Reads what happened since the last time, processor by processor, and never waits. It reads no more than buffers hold, however much
	 * comes meanwhile.
	 *
	 * @param note told each event: its bytes, which live until it returns, and when it was.
	 * @returns since when it is all that happened; `-Infinity`: since the last time.
	 */
	read(note: (event: Buffer, atMs: number) => void): number {
		const noteKind = (event: Buffer, atMs: number) => {
			if (event.readUInt16LE(0) === this.#kind) note(event, atMs);
		};
		let wholeSinceMs = -Infinity;
		for (const pipe of this.#pipes) {
			let pages = 0;
			while (pages < this.#pagesMax) {
				const length = this.#libc.read(pipe, this.#page, this.#page.length);
				if (length <= 0) break;
				const { hasLost, beganAtMs } = readPage(this.#page.subarray(0, length), noteKind);
				if (hasLost) wholeSinceMs = Math.max(wholeSinceMs, beganAtMs);
				pages++;
			}
			if (pages === this.#pagesMax) wholeSinceMs = monotonicMs();
		}
		return wholeSinceMs;
	}

	/** What the kernel has last seen a thread called, that made an event lately; `undefined`: it has forgotten. */
	nameOf(thread: number): string | undefined {
		const lines = readFileSync(`${this.#tracefs.path}/saved_cmdlines`, "utf8").split("\n");
		const names = lines.filter((line) => line.startsWith(`${thread} `));
		// A name may have lines: whatever looks like two is nobody's.
		return names.length === 1 ? names[0]!.slice(String(thread).length + 1) : undefined;
	}

	/** Ends it, and leaves nothing behind. */
	close(): void {
		for (const pipe of this.#pipes) closeSync(pipe);
		remove(this.#folder);
		this.#tracefs.close();
	}
}

/** What processes that are no more have left. The kernel keeps what is in use, whatever its number means here. */
function removeLeftovers(instances: string): void {
	for (const name of readdirSync(instances))
		if (name.startsWith(PREFIX) && /^\d+$/.test(name.slice(PREFIX.length))) remove(`${instances}/${name}`);
}

function remove(folder: string): void {
	try {
		rmdirSync(folder);
	} catch {
		// In use, or gone.
	}
}

function openAll(paths: readonly string[]): readonly number[] {
	const open: number[] = [];
	try {
		for (const path of paths) open.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
		return open;
	} catch (error) {
		for (const fd of open) closeSync(fd);
		throw error;
	}
}

/** `field:__u16 sport;	offset:24;	size:2;	signed:0;` */
function fieldsIn(format: string): ReadonlyMap<string, EventField> {
	const lines = format.matchAll(/field:[^;]*?(\w+)(?:\[\d*\])?;\s*offset:(\d+);\s*size:(\d+);/g);
	return new Map(Array.from(lines, ([, name, offset, size]) => [name!, { offset: Number(offset), sizeBytes: Number(size) }]));
}

function missing(field: string): never {
	throw new Error(`this kernel's events have no field "${field}"`);
}
