// What is asked of the history of counts, by whoever shows it: CloudWatch's operations, Lightsail's, alarms, the way to v2.

/** One metric of one instance. */
export interface MetricOfInstance {
	readonly instanceId: string;
	/** The series (request-series.ts) that it is the sum of. */
	readonly series: readonly number[];
	/**
	 * When a minute in which nothing was counted is a zero, and not nothing: while the instance ran and tokens were optional, while it ran,
	 * or never (control-apis.md §4).
	 */
	readonly zeros: "while-optional" | "while-running" | "never";
	/** How many minutes a sample stands for: 1 with detailed monitoring, 5 without. */
	readonly sampleMinutes: 1 | 5;
}

export interface MetricQuery {
	readonly metrics: readonly MetricOfInstance[];
	/** Periods that begin at or after the one and before the other; both are multiples of the period. */
	readonly fromMs: number;
	readonly toMs: number;
	/** A multiple of 60. */
	readonly periodSeconds: number;
	/** 0 to 100. */
	readonly percentiles: readonly number[];
}

/** What is known of one period; periods of which nothing is known are left out. */
export interface PeriodStatistics {
	readonly startMs: number;
	/** Minutes. */
	readonly sampleCount: number;
	readonly sum: number;
	readonly minimum: number;
	readonly maximum: number;
	/** In the order asked. */
	readonly percentiles: readonly number[];
}

/** A series of an instance that has counts, or zeros, in a time. */
export interface ListedInstance {
	readonly instanceId: string;
	/** Series with counts. */
	readonly series: readonly number[];
	/** Whether it ran, and whether tokens were optional, at any time of it. */
	readonly ran: boolean;
	readonly ranOptional: boolean;
}

/** Reads the history of counts. Everything that was answered before the call is in the answer. */
export interface MetricReader {
	/** For each metric asked, in order, its periods in the order of time. */
	read(query: MetricQuery): Promise<readonly (readonly PeriodStatistics[])[]>;
	/** The instances of which something is known between two times. */
	list(fromMs: number, toMs: number): Promise<readonly ListedInstance[]>;
}
