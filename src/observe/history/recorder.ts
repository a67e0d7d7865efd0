/** Keeps the history whatever happens to its file: what cannot be written is kept in memory for a while, what is damaged is set aside. */
import type { DatabaseSync } from "node:sqlite";
import type { Batch, InstanceMode } from "./batch.ts";
import { HistoryFile } from "./history-file.ts";
import { beginAnew, openHistoryFile, reasonOf, troubleOf } from "./open-history-file.ts";

/** What may wait in memory for room on the disk: hours of a busy fleet. */
const WAITING_MAX_BYTES = 64 * 1024 * 1024;

export interface RecorderOptions {
	/** An absolute path, or ":memory:". */
	readonly path: string;
	/** Instances that batches refer to, by handle. */
	readonly ids: readonly string[];
	readonly modes: ReadonlyMap<string, InstanceMode>;
	/** Gets a sentence for the log. */
	readonly say: (sentence: string) => void;
	readonly waitingMaxBytes?: number;
}

export class Recorder {
	readonly #path: string;
	readonly #say: (sentence: string) => void;
	readonly #waitingMaxBytes: number;
	readonly #ids: string[];
	readonly #modes: Map<string, InstanceMode>;
	#waiting: Batch[] = [];
	#waitingBytes = 0;
	#file: HistoryFile | undefined;
	#saidUnwritable = false;
	#saidDropped = false;

	constructor({ path, ids, modes, say, waitingMaxBytes = WAITING_MAX_BYTES }: RecorderOptions) {
		this.#path = path;
		this.#say = say;
		this.#waitingMaxBytes = waitingMaxBytes;
		this.#ids = [...ids];
		this.#modes = new Map(modes);
	}

	/** Writes the batch, and those that wait before it, or lets it wait. */
	record(batch: Batch): void {
		for (const id of batch.ids) this.#ids.push(id);
		this.#waiting.push(batch);
		this.#waitingBytes += sizeBytes(batch);
		this.#write();
		this.#dropOldest();
	}

	/** Makes sure that all there is is in the file. Throws when it isn't. */
	settle(): void {
		this.#write();
		if (this.#waiting.length > 0)
			throw new Error(`${this.#waiting.length} batches of counts wait for the history ${this.#path} to be writable.`);
	}

	/** Answers a question to the file, slice by slice. */
	*ask<T>(question: (file: HistoryFile) => Iterable<T>): Generator<T> {
		const file = this.#openFile();
		try {
			yield* question(file);
		} catch (error) {
			if (file === this.#file && troubleOf(error) === "damaged") this.#beginAnew(error);
			throw error;
		}
	}

	/** Housekeeping in slices. What can't be done now is tried again next time. */
	*keepHouse(): Generator<void> {
		const file = this.#file;
		if (file === undefined) return;
		try {
			for (const _ of file.keepHouse()) {
				yield;
				if (file !== this.#file) return;
			}
		} catch (error) {
			// A full disk is said by whoever writes batches: they are what matters.
			if (troubleOf(error) === "damaged") this.#beginAnew(error);
			else if (troubleOf(error) === undefined) throw error;
		}
	}

	/** Writes what waits, if that is possible now, and closes the file. */
	close(): void {
		this.#write();
		if (this.#waiting.length > 0)
			this.#say(`The history of counts ${this.#path} could not be written to the end: the last counts are lost.`);
		this.#file?.close();
		this.#file = undefined;
	}

	/** Writes what waits, in order, as far as that goes. */
	#write(): void {
		let isAnew = false;
		for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
			try {
				this.#openFile().apply(batch, { ids: this.#ids, modes: this.#modes });
				for (const { instanceId, mode } of batch.modes) this.#modes.set(instanceId, mode);
			} catch (error) {
				const trouble = troubleOf(error);
				if (trouble === "unwritable") return this.#sayUnwritable(error);
				if (trouble === "damaged" && !isAnew) {
					isAnew = true;
					this.#beginAnew(error);
					continue;
				}
				this.#say(`Some counts are lost, they could not be written to the history ${this.#path}: ${reasonOf(error)}.`);
			}
			this.#waiting.shift();
			this.#waitingBytes -= sizeBytes(batch);
		}
		if (this.#saidUnwritable) this.#say(`The history of counts ${this.#path} is written again.`);
		this.#saidUnwritable = false;
		this.#saidDropped = false;
	}

	#sayUnwritable(error: unknown): void {
		if (this.#saidUnwritable) return;
		this.#saidUnwritable = true;
		this.#say(`The history of counts ${this.#path} cannot be written (${reasonOf(error)}): counts wait in memory until it can be.`);
	}

	/** What changed an instance's mode is handed on to the next batch. That there is a batch missing shows as a gap in which nobody counted. */
	#dropOldest(): void {
		for (let [oldest, next] = this.#waiting; this.#waitingBytes > this.#waitingMaxBytes; [oldest, next] = this.#waiting) {
			if (oldest === undefined || next === undefined) return;
			this.#waitingBytes -= sizeBytes(oldest);
			this.#waiting.splice(0, 2, { ...next, modes: [...oldest.modes, ...next.modes] });
			if (this.#saidDropped) continue;
			this.#saidDropped = true;
			this.#say(
				`More than ${this.#waitingMaxBytes} bytes of counts wait for the history ${this.#path} to be writable: the oldest are lost.`,
			);
		}
	}

	#openFile(): HistoryFile {
		this.#file ??= use(openHistoryFile(this.#path, this.#say));
		return this.#file;
	}

	#beginAnew(error: unknown): void {
		try {
			this.#file?.close();
		} catch {
			// It is damaged: whatever closing it says.
		}
		this.#file = undefined;
		this.#file = use(beginAnew(this.#path, reasonOf(error), this.#say));
	}
}

function use(database: DatabaseSync): HistoryFile {
	try {
		return new HistoryFile(database);
	} catch (error) {
		database.close();
		throw error;
	}
}

function sizeBytes({ counts, calls }: Batch): number {
	return counts.byteLength + calls.reduce((sum, { key, facts }) => sum + key.length + facts.length, 0);
}
