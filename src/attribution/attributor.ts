// Who made a request: looked up beside the request's path, by a thread of its own.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { peerOf } from "../linux/socket-owner.ts";
import { monotonicMs } from "../linux/trace-instance.ts";
import type { Finding, SocketEnds } from "./finding.ts";
import type { Beginning, Reply } from "./lookup-thread.ts";
import { PLACES, QuestionBox } from "./question-box.ts";

/** What is not answered by then has got stuck: a file system that does not answer, mostly. */
const ANSWER_MAX_MS = 5000;
const HEAP_MAX_MB = 64;
/** How long the thread has to clean up behind it. */
const END_MAX_MS = 2000;
/** When this process's `performance` began to count, by the clock that all threads have. */
const BEGAN_MS = -performance.now() + monotonicMs();

interface Waiting {
	/** Missing: it has been told that nobody knows, and only the thread's answer is still to come. */
	resolve?: (finding: Finding) => void;
	readonly sinceMs: number;
}

/** A connection whose other end is looked for. */
export interface Connection {
	/** Missing: it is a Unix socket's. */
	readonly ends: SocketEnds | undefined;
	/** Of the accepted socket. */
	readonly fd: number;
	/** When it was accepted, by `performance.now()`; missing: just now. */
	readonly acceptedAtMs?: number;
}

/** Finds the programs at the other end of connections. It keeps no process alive. */
export class Attributor {
	/**
	 * How programs are found here, once the thread has seen to it: "by connect events", surely; or "by scanning: " and why, which those
	 * escape who close their socket within a millisecond. It stays pending where the thread doesn't come to that, and keeps no process alive.
	 */
	readonly how: Promise<string>;
	readonly #worker: Worker;
	readonly #ended: Promise<unknown>;
	readonly #box = new QuestionBox();
	readonly #free = Array.from({ length: PLACES }, (_, place) => place);
	/** By place, in the order in which they came. */
	readonly #waiting = new Map<number, Waiting>();
	/** Why nothing is looked up any more. */
	#stopped: string | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** @param failed told once, in a sentence, when nothing can be looked up here (any more). */
	constructor({ failed }: { failed: (sentence: string) => void }) {
		const thread = new URL(`./lookup-thread${extname(import.meta.filename)}`, import.meta.url);
		const resourceLimits = { maxOldGenerationSizeMb: HEAP_MAX_MB };
		this.#worker = new Worker(thread, { name: "attribution", workerData: this.#box.memory, execArgv: [], resourceLimits });
		const { promise, resolve } = Promise.withResolvers<string>();
		this.how = promise;
		this.#worker.on("message", (message: Reply | Beginning) => ("how" in message ? resolve(message.how) : this.#settle(message)));
		this.#ended = new Promise((ended) => this.#worker.once("exit", ended));
		// Only now: to listen to it would keep the process alive again.
		this.#worker.unref();
		this.#worker.on("error", (error) => {
			if (this.#stopped !== undefined) return;
			const message = error instanceof Error ? error.message : String(error);
			this.#stop(`programs can't be told from their connections: ${message}`);
			failed(`Which programs call can't be found out: ${message}.`);
		});
	}

	/**
	 * Looks up who is at the other end of a connection. Begins at once: a program that has its answer may end within a millisecond.
	 *
	 * @returns what was found; why not, where nothing was. It never rejects, and is settled within seconds. At most 256 wait.
	 */
	find({ ends, fd, acceptedAtMs = performance.now() }: Connection): Promise<Finding> {
		if (this.#stopped !== undefined) return Promise.resolve({ unknown: this.#stopped });
		const place = this.#free.pop();
		if (place === undefined) return Promise.resolve({ unknown: `not looked up: ${PLACES} others were waiting` });
		const question = ends === undefined ? askForPeer(fd) : askForSocket(ends, BEGAN_MS + acceptedAtMs);
		if (question === undefined || !this.#box.put(place, question)) {
			this.#free.push(place);
			return Promise.resolve({
				unknown: question === undefined ? "the connection was gone" : "its addresses are too long to be asked for",
			});
		}
		this.#timer ??= setInterval(() => this.#giveUp(), ANSWER_MAX_MS / 5).unref();
		return new Promise((resolve) => this.#waiting.set(place, { resolve, sinceMs: performance.now() }));
	}

	/** Ends the thread, which leaves nothing behind; what is still looked up stays unknown. */
	async close(): Promise<void> {
		this.#stop("not looked up: openimds is ending");
		this.#box.end();
		this.#worker.ref();
		const timer = setTimeout(() => void this.#worker.terminate(), END_MAX_MS);
		await this.#ended;
		clearTimeout(timer);
	}

	#settle([place, finding]: Reply): void {
		const waiting = this.#waiting.get(place);
		this.#waiting.delete(place);
		this.#free.push(place);
		waiting?.resolve?.(finding);
	}

	/** What is given up keeps its place: a thread that is stuck is not given more and more. */
	#giveUp(): void {
		const beforeMs = performance.now() - ANSWER_MAX_MS;
		for (const waiting of this.#waiting.values()) {
			if (waiting.sinceMs > beforeMs) return;
			waiting.resolve?.({ unknown: `not found within ${ANSWER_MAX_MS / 1000} s` });
			delete waiting.resolve;
		}
		if (this.#waiting.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#stop(reason: string): void {
		this.#stopped ??= reason;
		clearInterval(this.#timer);
		for (const { resolve } of this.#waiting.values()) resolve?.({ unknown: reason });
		this.#waiting.clear();
	}
}

/** Questions are lines (lookup-thread.ts). */
function askForSocket({ clientAddress, clientPort, serverAddress, serverPort, networkNamespace = "" }: SocketEnds, byMs: number): string {
	return `socket\n${byMs}\n${clientAddress}\n${clientPort}\n${serverAddress}\n${serverPort}\n${networkNamespace}`;
}

/** At once, since the descriptor may be another connection's by the time that the thread looks. */
function askForPeer(fd: number): string | undefined {
	const peer = fd < 0 ? undefined : peerOf(fd);
	return peer && `peer\n${peer.pid}\n${peer.uid}\n${Date.now()}`;
}
