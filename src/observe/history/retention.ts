// AWS: points of 1 minute are kept for 15 days, of 5 minutes for 63 days, of 1 hour for 455 days (control-apis.md §4; CloudWatch user
// guide, "Metrics retention").
import { DAY_MINUTES, HOUR_MINUTES, alignUp } from "./minute.ts";

/** What each size of a bucket, in minutes, is kept for, in minutes. */
const KEPT_MINUTES = { 1: 15 * DAY_MINUTES, 5: 63 * DAY_MINUTES, 60: 455 * DAY_MINUTES } as const;

export type BucketSize = keyof typeof KEPT_MINUTES;

/** From fine to coarse. */
export const BUCKET_SIZES = [1, 5, 60] as const satisfies readonly BucketSize[];

/** How long it is known which program called. */
export const CALLS_KEPT_HOURS = (63 * DAY_MINUTES) / HOUR_MINUTES;

/** The first day, of those since the epoch, of which buckets of a size are kept at a minute; it may have begun too early for some. */
export function firstDayKept(size: BucketSize, atMinute: number): number {
	return Math.floor((atMinute - KEPT_MINUTES[size]) / DAY_MINUTES);
}

/** The start of the first period that there are points of at a minute. The period is in minutes. */
export function firstPeriodServed(periodMinutes: number, atMinute: number): number {
	// AWS: what is older is there for periods that are multiples of the larger bucket, and no others (GetMetricStatistics, "Period").
	const size = BUCKET_SIZES.findLast((size) => periodMinutes % size === 0) ?? 1;
	return alignUp(atMinute - KEPT_MINUTES[size], periodMinutes);
}
