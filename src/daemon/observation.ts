// What is watched of the metadata endpoint while the service runs: counts and who calls, from the path of requests into their history.

import { join } from "node:path";
import { Attributor } from "../attribution/attributor.ts";
import { CallLedger } from "../attribution/call-ledger.ts";
import type { Observer } from "../endpoint/endpoint.ts";
import type { CallReader } from "../observe/call-reader.ts";
import { History } from "../observe/history/history.ts";
import { LatencyHistogram } from "../observe/latency-histogram.ts";
import type { MetricReader } from "../observe/metric-reader.ts";
import { RequestCounts } from "../observe/request-counts.ts";
import { seriesOf } from "../observe/request-series.ts";
import type { AskingMode } from "../replica/replica.ts";
import type { Log } from "./log.ts";

/** A crash loses what was counted since the last of these. */
const FOLD_MS = 1_000;

/** Where nothing was counted, the history is told so this often: that, too, is knowledge, but no reason to write each second. */
const NOTHING_NEW_MS = 20_000;

const REJECTED = seriesOf("v1", 401);
const ANSWERED = new Set([seriesOf("v1", 200), seriesOf("v1", 404)]);

/** The way from the endpoint's counts to those who ask for them. */
export class Observation {
	readonly observer: Observer & { readonly counts: RequestCounts; readonly latency: LatencyHistogram };
	readonly history: History;
	readonly #log: Log;
	readonly #attribution: boolean;
	#attributor: Attributor | undefined;
	readonly #ledger: CallLedger;
	readonly #timer: NodeJS.Timeout;
	#recordedMs = 0;
	#how: string;
	#modes: { readonly instanceId: string; readonly minute: number; readonly mode: AskingMode }[] = [];

	/** @param folder where the history is kept. */
	constructor({ folder, attribution, log }: { readonly folder: string; readonly attribution: boolean; readonly log: Log }) {
		this.#log = log;
		this.#attribution = attribution;
		this.#how = attribution ? "beginning" : "off";
		this.history = new History({ path: join(folder, "metrics.sqlite"), say: (sentence) => log.warn(sentence) });
		this.#ledger = new CallLedger(
			{
				isAnswered: (series) => ANSWERED.has(series),
				isRejected: (series) => series === REJECTED,
			},
			attribution ? (caller) => this.#attributor?.find(caller) ?? Promise.resolve({ unknown: "the service was just starting" }) : undefined,
		);
		this.observer = { counts: new RequestCounts(), latency: new LatencyHistogram(), witness: this.#ledger };
		this.#timer = setInterval(() => this.#foldNews(), FOLD_MS).unref();
	}

	/** Begins to look up callers, on a thread of its own: to be called once nothing else waits for the start. */
	begin(): void {
		if (!this.#attribution || this.#attributor !== undefined) return;
		const failed = (sentence: string) => {
			this.#how = "failed";
			this.#log.warn(sentence);
		};
		this.#attributor = new Attributor({ failed });
		void this.#attributor.how.then((how) => (this.#how = how));
	}

	/** How programs are looked up: "by connect events", "by scanning: " and why; or "off", "beginning", "failed". */
	get attribution(): string {
		return this.#how;
	}

	/** An instance comes to be asked in another way. */
	noteMode(instanceId: string, mode: AskingMode): void {
		this.#modes.push({ instanceId, minute: Math.floor(Date.now() / 60_000), mode });
	}

	/** Hands what was counted since the last time to the history. */
	fold(finallyAll = false): void {
		this.#recordedMs = Date.now();
		const { ids, counts } = this.observer.counts.drain();
		const { calls, last } = this.#ledger.drain(finallyAll);
		const modes = this.#modes;
		this.#modes = [];
		this.history.record({ atMs: this.#recordedMs, ids, counts, modes, calls, lastCalls: last });
	}

	/** What CloudWatch and its like read: everything that was answered before they ask. */
	get metrics(): MetricReader {
		return {
			read: (query) => this.#folded().read(query),
			list: (fromMs, toMs) => this.#folded().list(fromMs, toMs),
		};
	}

	get calls(): CallReader {
		return {
			calls: async (sinceMs, instanceIds) => {
				await this.#ledger.settled();
				return this.#folded().calls(sinceMs, instanceIds);
			},
			lastCalls: (instanceIds) => this.#folded().lastCalls(instanceIds),
			observed: (instanceIds, fromMs, toMs, series) => this.#folded().observed(instanceIds, fromMs, toMs, series),
		};
	}

	/** Writes what there is, and ends. */
	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.#attributor?.close();
		this.fold(true);
		await this.history.close();
	}

	#foldNews(): void {
		const isNew = this.observer.counts.hasNews || this.#ledger.hasNews || this.#modes.length > 0;
		if (isNew || Math.abs(Date.now() - this.#recordedMs) >= NOTHING_NEW_MS) this.fold();
	}

	#folded(): History {
		this.fold();
		return this.history;
	}
}
