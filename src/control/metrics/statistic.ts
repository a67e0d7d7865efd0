// What is told of the samples of a period: Sum, Average, …, or a percentile.

import type { PeriodStatistics } from "../../observe/metric-reader.ts";

/** A statistic by its name, or a percentile from 0 to 100. */
export type Statistic = keyof typeof SIMPLE | number;

const SIMPLE = {
	SampleCount: ({ sampleCount }: PeriodStatistics) => sampleCount,
	Sum: ({ sum }: PeriodStatistics) => sum,
	Average: ({ sum, sampleCount }: PeriodStatistics) => sum / sampleCount,
	Minimum: ({ minimum }: PeriodStatistics) => minimum,
	Maximum: ({ maximum }: PeriodStatistics) => maximum,
};

/** What {@link statisticOf} takes, for messages. */
export const STATISTICS_ALLOWED = "SampleCount, Average, Sum, Minimum, Maximum, or a percentile from p0 to p100 such as p99 or p99.9";

/**
 * The statistic that is meant by a text; `undefined` for any other.
 *
 * Gap: AWS also computes trimmed means, counts and sums, winsorized means, the interquartile mean and percentile ranks (`tm90`, `IQM`, `PR(…)`).
 */
export function statisticOf(text: string): Statistic | undefined {
	if (Object.hasOwn(SIMPLE, text)) return text as keyof typeof SIMPLE;
	const [, percentile] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(text) ?? [];
	return percentile === undefined ? undefined : Number(percentile);
}

/**
 * What a statistic says of a period; NaN for a percentile that isn't known any more: of what is old, sums and extremes are kept alone.
 *
 * @param percentiles those that the period was read with.
 */
export function valueOf(statistic: Statistic, period: PeriodStatistics, percentiles: readonly number[]): number {
	if (typeof statistic !== "number") return SIMPLE[statistic](period);
	return period.percentiles[percentiles.indexOf(statistic)] ?? NaN;
}

/** The percentiles among statistics, each once. */
export function percentilesOf(statistics: Iterable<Statistic>): readonly number[] {
	return [...new Set(statistics)].filter((statistic) => typeof statistic === "number");
}
