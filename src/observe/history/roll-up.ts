// Buckets of a day: how minutes become buckets of five minutes, and those hours.
import { DAY_MINUTES } from "./minute.ts";

/** A day in buckets of one size; as many numbers in each array as the day has buckets. A bucket without counts has no minutes. */
export interface DayBuckets {
	/** How many minutes of each bucket have counts. */
	readonly minutes: Float64Array;
	readonly sums: Float64Array;
	/** Of those minutes that have counts. */
	readonly minima: Float64Array;
	readonly maxima: Float64Array;
}

export function emptyDay(sizeMinutes: number): DayBuckets {
	const array = () => new Float64Array(DAY_MINUTES / sizeMinutes);
	return { minutes: array(), sums: array(), minima: array(), maxima: array() };
}

/**
 * The counts of a day's minutes as buckets of one minute.
 * Quirk: its `minutes` are not 1 where there is a count, but the count: reading years of days, the array that would say so costs most.
 */
export function bucketsOfMinutes(counts: Float64Array): DayBuckets {
	return { minutes: counts, sums: counts, minima: counts, maxima: counts };
}

/** Adds a day's buckets to those of the same day, which are as large or larger. */
export function rollUp(from: DayBuckets, into: DayBuckets): void {
	const ratio = from.minutes.length / into.minutes.length;
	const [fromMinutes, intoMinutes] = [DAY_MINUTES / from.minutes.length, DAY_MINUTES / into.minutes.length];
	for (let n = 0; n < from.minutes.length; n++) {
		const minutes = Math.min(fromMinutes, from.minutes[n]!);
		if (minutes === 0) continue;
		const at = Math.floor(n / ratio);
		const before = into.minutes[at]!;
		into.minima[at] = before === 0 ? from.minima[n]! : Math.min(into.minima[at]!, from.minima[n]!);
		into.maxima[at] = Math.max(into.maxima[at]!, from.maxima[n]!);
		into.sums[at]! += from.sums[n]!;
		// What comes late may be of minutes that are in there already: a bucket never has more minutes than its size.
		into.minutes[at] = Math.min(intoMinutes, before + minutes);
	}
}
