// What is asked of the history of calls without a token: who made them, and for how long nobody has.

/** Calls without a token by one program on one instance. */
export interface CallsRow {
	readonly instanceId: string;
	/** What sets the program apart from others. */
	readonly key: string;
	/** What is known of it: JSON of attribution's CallerFacts. */
	readonly facts: string;
	/** By class of path, in the order of PATH_CLASSES. */
	readonly classes: readonly number[];
	readonly answered: number;
	readonly rejected: number;
	readonly firstMs: number;
	readonly lastMs: number;
}

/** When an instance last had a call without a token that was answered, and one that was rejected; missing: never, as far as known. */
export interface LastCalls {
	readonly instanceId: string;
	readonly v1Ms?: number;
	readonly rejectedMs?: number;
}

/** How long an instance was watched, and what was counted meanwhile. */
export interface Observed {
	readonly instanceId: string;
	/** In which it ran and was counted; and of these, with tokens optional. */
	readonly minutes: number;
	readonly optionalMinutes: number;
	/** Of the series asked, in order. */
	readonly sums: readonly number[];
}

/** Reads the history of calls without a token. Everything that was answered before the call is in the answer. */
export interface CallReader {
	/** By program and instance, most calls first; from the full hour on that `sinceMs` is in. */
	calls(sinceMs: number, instanceIds?: readonly string[]): Promise<readonly CallsRow[]>;
	lastCalls(instanceIds?: readonly string[]): Promise<readonly LastCalls[]>;
	observed(instanceIds: readonly string[], fromMs: number, toMs: number, series: readonly number[]): Promise<readonly Observed[]>;
}
