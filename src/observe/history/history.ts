import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Batch, InstanceMode } from "./batch.ts";
import type { CallReader, CallsRow, LastCalls, Observed } from "../call-reader.ts";
import type { FromThread, HistoryThreadData, Question, Questions, ToThread } from "./history-messages.ts";
import type { ListedInstance, MetricQuery, MetricReader, PeriodStatistics } from "../metric-reader.ts";
import { periodsOf } from "./period-rows.ts";

export interface HistoryOptions {
	/** Absolute, of a file that is created when missing; or ":memory:". */
	readonly path: string;
	/** Gets a sentence for the log when the history can't do what it should. It never keeps the service from running. */
	readonly say: (sentence: string) => void;
}

interface Asked {
	readonly parts: unknown[];
	readonly done: PromiseWithResolvers<readonly unknown[]>;
}

/**
 * The history of counts: durable, rolled up as CloudWatch does (control-apis.md §4), in a thread of its own that starts with the first use.
 * Batches and questions are taken in the order in which they come, so an answer has everything that was recorded before it was asked for.
 * When the thread dies, what was recorded and not yet written is lost, questions are rejected, and the next use starts it again.
 */
export class History implements MetricReader, CallReader {
	readonly #path: string;
	readonly #say: (sentence: string) => void;
	/** What a new thread has to know, since batches say each only once. */
	readonly #ids: string[] = [];
	readonly #modes = new Map<string, InstanceMode>();
	readonly #asked = new Map<number, Asked>();
	#lastAsked = 0;
	#worker: Worker | undefined;
	#saidDead = false;
	#isClosed = false;

	constructor({ path, say }: HistoryOptions) {
		this.#path = path;
		this.#say = say;
	}

	/**
	 * Takes a batch into the history; its `counts` are handed over and can't be used any more. It must come at least once a minute, also with
	 * nothing in it: it says that until its moment everything was counted. After {@link close} it does nothing. Throws a `RangeError` when
	 * the batch is malformed.
	 */
	record(batch: Batch): void {
		if (!Number.isFinite(batch.atMs)) throw new RangeError(`atMs is ${batch.atMs}: milliseconds since the epoch are wanted`);
		if (batch.counts.length % 4 !== 0) throw new RangeError(`counts has ${batch.counts.length} numbers: groups of 4 are wanted`);
		if (this.#isClosed) return;
		this.#thread().postMessage({ batch } satisfies ToThread, [batch.counts.buffer]);
		for (const id of batch.ids) this.#ids.push(id);
		for (const { instanceId, mode } of batch.modes) this.#modes.set(instanceId, mode);
	}

	/** See `MetricReader`. Throws a `RangeError` when a period or a time is none. */
	async read(query: MetricQuery): Promise<readonly (readonly PeriodStatistics[])[]> {
		checkQuery(query);
		const found = new Map((await this.#ask("read", query)).map(({ index, rows }) => [index, rows]));
		const none = new Float64Array();
		return query.metrics.map((_, index) => periodsOf(found.get(index) ?? none, query.percentiles.length));
	}

	/** See `MetricReader`. */
	async list(fromMs: number, toMs: number): Promise<readonly ListedInstance[]> {
		return this.#ask("list", { fromMs, toMs });
	}

	/** See `CallReader`. In the order asked; one that nothing is known of ran in no minute. */
	async observed(instanceIds: readonly string[], fromMs: number, toMs: number, series: readonly number[]): Promise<readonly Observed[]> {
		const known = await this.#ask("observed", { instanceIds, fromMs, toMs, series });
		const found = new Map(known.map((observed) => [observed.instanceId, observed]));
		const sums = series.map(() => 0);
		return instanceIds.map((instanceId) => found.get(instanceId) ?? { instanceId, minutes: 0, optionalMinutes: 0, sums });
	}

	/**
	 * See `CallReader`. Since the full hour that the moment lies in. There are 500 programs of an instance at most, all others are one: its key "others".
	 */
	async calls(sinceMs: number, instanceIds?: readonly string[]): Promise<readonly CallsRow[]> {
		return ofInstances(await this.#ask("calls", { sinceMs }), instanceIds);
	}

	/** See `CallReader`. Instances that never were called without a token are left out. */
	async lastCalls(instanceIds?: readonly string[]): Promise<readonly LastCalls[]> {
		return ofInstances(await this.#ask("lastCalls", undefined), instanceIds);
	}

	/** Resolves when all that was recorded so far is on disk; rejects when it isn't. */
	async settled(): Promise<void> {
		if (this.#worker !== undefined) await this.#ask("settled", undefined);
	}

	/** Writes what there is, and ends the thread; what can't be written is said. What is asked afterwards is rejected. */
	async close(): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		const worker = this.#worker;
		if (worker === undefined) return;
		const ended = new Promise((resolve) => worker.once("exit", resolve));
		try {
			await this.#put(worker, { about: "close", ask: undefined });
		} catch (error) {
			this.#say(error instanceof Error ? error.message : String(error));
		}
		await ended;
	}

	async #ask<About extends keyof Questions>(about: About, ask: Questions[About]["ask"]): Promise<readonly Questions[About]["answer"][]> {
		if (this.#isClosed) throw new Error("The history of counts is closed.");
		const question = { about, ask } as Question;
		return (await this.#put(this.#thread(), question)) as readonly Questions[About]["answer"][];
	}

	#put(worker: Worker, question: Question): Promise<readonly unknown[]> {
		const id = ++this.#lastAsked;
		const done = Promise.withResolvers<readonly unknown[]>();
		this.#asked.set(id, { parts: [], done });
		const message: ToThread = { id, question };
		worker.postMessage(message, []);
		// The process goes on for as long as somebody waits for an answer, and not because there is a history.
		worker.ref();
		return done.promise;
	}

	#thread(): Worker {
		if (this.#worker !== undefined) return this.#worker;
		const workerData: HistoryThreadData = { path: this.#path, ids: this.#ids, modes: this.#modes };
		// The same kind of file as this one: .ts from the sources, .js when built. No flags: some of the process's own, like --input-type, a thread
		// refuses to start with.
		const entry = new URL(`./history-thread${extname(import.meta.filename)}`, import.meta.url);
		const worker = new Worker(entry, { workerData, execArgv: [] });
		this.#worker = worker;
		let reason = "it ended by itself";
		worker.on("message", (message: FromThread) => this.#hear(message));
		worker.on("error", (error: Error) => (reason = error.message));
		worker.on("exit", () => this.#buried(reason));
		// Last, since whoever listens for messages keeps the process.
		worker.unref();
		return worker;
	}

	#hear(message: FromThread): void {
		if ("sentence" in message) {
			this.#say(message.sentence);
			return;
		}
		const asked = this.#asked.get(message.id);
		if (asked === undefined) return;
		if ("part" in message) {
			for (const item of message.part) asked.parts.push(item);
			return;
		}
		this.#asked.delete(message.id);
		if (this.#asked.size === 0 && !this.#isClosed) this.#worker?.unref();
		this.#saidDead = false;
		if (message.failure === undefined) asked.done.resolve(asked.parts);
		else asked.done.reject(new Error(`The history of counts has no answer: ${message.failure}`));
	}

	#buried(reason: string): void {
		this.#worker = undefined;
		for (const { done } of this.#asked.values()) done.reject(new Error(`The history of counts has no answer, its thread died: ${reason}`));
		this.#asked.clear();
		if (this.#isClosed || this.#saidDead) return;
		// Once, until something was answered: a thread that can't live would fill the log.
		this.#saidDead = true;
		this.#say(`The thread of the history of counts died (${reason}): counts of the last moments may be lost. It starts again.`);
	}
}

function ofInstances<T extends { readonly instanceId: string }>(
	all: readonly T[],
	instanceIds: readonly string[] | undefined,
): readonly T[] {
	if (instanceIds === undefined) return all;
	const wanted = new Set(instanceIds);
	return all.filter(({ instanceId }) => wanted.has(instanceId));
}

/** More than CloudWatch gives in one answer (100 800), and no more than fits in memory. */
const PERIODS_MAX = 1_000_000;

function checkQuery({ periodSeconds, fromMs, toMs }: MetricQuery): void {
	if (periodSeconds < 60 || periodSeconds % 60 !== 0) throw new RangeError(`periodSeconds is ${periodSeconds}: a multiple of 60 is wanted`);
	for (const [name, value] of Object.entries({ fromMs, toMs })) {
		if (value % (periodSeconds * 1000) !== 0)
			throw new RangeError(`${name} is ${value}: a multiple of the period (${periodSeconds} s) is wanted`);
	}
	if ((toMs - fromMs) / (periodSeconds * 1000) > PERIODS_MAX) throw new RangeError(`fromMs to toMs are more than ${PERIODS_MAX} periods`);
}
