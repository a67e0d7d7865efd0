// What the service and the thread of its history say to each other.
import type { Batch, InstanceMode } from "./batch.ts";
import type { CallsRow, LastCalls, Observed } from "../call-reader.ts";
import type { ListedInstance, MetricQuery } from "../metric-reader.ts";
import type { Observation } from "./observe-instances.ts";
import type { MetricRows } from "./read-metrics.ts";

/** What the thread is started with. */
export interface HistoryThreadData {
	readonly path: string;
	readonly ids: readonly string[];
	readonly modes: ReadonlyMap<string, InstanceMode>;
}

/** What may be asked, and what the answer, which comes in parts, is a list of. */
export interface Questions {
	read: { readonly ask: MetricQuery; readonly answer: MetricRows };
	list: { readonly ask: { readonly fromMs: number; readonly toMs: number }; readonly answer: ListedInstance };
	observed: { readonly ask: Observation; readonly answer: Observed };
	calls: { readonly ask: { readonly sinceMs: number }; readonly answer: CallsRow };
	lastCalls: { readonly ask: undefined; readonly answer: LastCalls };
	/** Nothing, once all that was recorded is on disk. */
	settled: { readonly ask: undefined; readonly answer: never };
	/** Nothing, once the file is closed. */
	close: { readonly ask: undefined; readonly answer: never };
}

export type Question = {
	readonly [About in keyof Questions]: { readonly about: About; readonly ask: Questions[About]["ask"] };
}[keyof Questions];

export type ToThread = { readonly batch: Batch } | { readonly id: number; readonly question: Question };

export type FromThread =
	| { readonly id: number; readonly part: readonly unknown[] }
	| { readonly id: number; readonly end: true; readonly failure?: string }
	| { readonly sentence: string };
