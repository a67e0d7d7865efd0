// What was counted since the last time, on its way into the history.
import type { LastCalls } from "../call-reader.ts";

/** How an instance's endpoint asks for tokens; "off": the instance does not run, or is not served any more. */
export type InstanceMode = "optional" | "required" | "off";

/** From that minute on, until the next change. */
export interface ModeChange {
	readonly instanceId: string;
	readonly minute: number;
	readonly mode: InstanceMode;
}

/** Calls by class of path, in the order of path-class.ts. */
export type CallsByClass = readonly [number, number, number, number, number];

/** Calls that a program made since the last time. */
export interface CallsDelta {
	readonly instanceId: string;
	/** What tells this program of the instance from others. */
	readonly key: string;
	/** What is known of it, as JSON; sent each time, the newest is kept. */
	readonly facts: string;
	/** Since the epoch. */
	readonly hour: number;
	readonly classes: CallsByClass;
	readonly answered: number;
	readonly rejected: number;
	readonly lastMs: number;
}

export interface Batch {
	/** Everything before this moment is counted with this batch, or was with an earlier one. */
	readonly atMs: number;
	/** Instances that no batch named before. The running number of an instance, over all batches of a history, is its handle. */
	readonly ids: readonly string[];
	/** Four numbers for each count: handle, minute, series, how many more. */
	readonly counts: Uint32Array<ArrayBuffer>;
	readonly modes: readonly ModeChange[];
	readonly calls: readonly CallsDelta[];
	/** What is left out stays as it was. */
	readonly lastCalls: readonly LastCalls[];
}
