// Samples become periods: the arithmetic of CloudWatch's statistics, over minutes.
import type { Interval } from "./intervals.ts";
import { MINUTE_MS, alignUp } from "./minute.ts";
import { FIXED_COLUMNS } from "./period-rows.ts";

/** Several minutes of which only this is left. */
export interface Bucket {
	readonly startMinute: number;
	/** How many of its minutes have counts; the other numbers are of those. */
	readonly minutes: number;
	readonly sum: number;
	readonly minimum: number;
	readonly maximum: number;
}

/** What is known of a metric. */
export interface Samples {
	/** Minutes with counts, in the order of time, and their counts. */
	readonly minutes: readonly number[];
	readonly counts: readonly number[];
	/** Of other minutes than those, in any order. */
	readonly buckets: readonly Bucket[];
	/** Disjoint and in the order of time: minutes that are samples even without counts, of zero. */
	readonly covered: readonly Interval[];
}

export interface Periods {
	/** Both are multiples of the period: the periods that begin from the one up to, and without, the other. */
	readonly fromMinute: number;
	readonly toMinute: number;
	readonly periodMinutes: number;
	/** Samples are taken every so many minutes: each minute of such a group belongs to the period that the group begins in. */
	readonly sampleMinutes: number;
	/** 0 to 100. */
	readonly percentiles: readonly number[];
}

/**
 * The periods that have samples, in the order of time, as rows (period-rows.ts). Percentiles are NaN where some minutes of a period are only known in
 * buckets. A bucket belongs to the period that it begins in, and its minutes are taken to be covered.
 */
export function periodRows(samples: Samples, periods: Periods): Float64Array<ArrayBuffer> {
	const columns = toColumns(samples, periods);
	const width = FIXED_COLUMNS + periods.percentiles.length;
	const rows = new Float64Array(columns.minutes.length * width);
	let at = 0;
	for (const [n, minutes] of columns.minutes.entries()) {
		// Buckets outside of what is covered can't be told from others: never fewer than none.
		const zeros = Math.max(0, columns.covered[n]! - columns.minutesCovered[n]!);
		if (minutes + zeros === 0) continue;
		rows[at] = (periods.fromMinute + n * periods.periodMinutes) * MINUTE_MS;
		rows[at + 1] = minutes + zeros;
		rows[at + 2] = columns.sums[n]!;
		rows[at + 3] = zeros > 0 ? 0 : columns.minima[n]!;
		rows[at + 4] = columns.maxima[n]!;
		if (periods.percentiles.length > 0) rows.set(percentilesOf(samples, columns, n, zeros, periods.percentiles), at + FIXED_COLUMNS);
		at += width;
	}
	return rows.slice(0, at);
}

/** A number for each period. */
interface Columns {
	/** Minutes with counts, and how many of them are covered. */
	readonly minutes: Float64Array;
	readonly minutesCovered: Float64Array;
	/** All minutes that are covered, with counts or without. */
	readonly covered: Float64Array;
	readonly sums: Float64Array;
	readonly minima: Float64Array;
	readonly maxima: Float64Array;
	/** Where the minutes of a period end in the samples. */
	readonly ends: Uint32Array;
	/** Minutes of a period that are only known in buckets. */
	readonly inBuckets: Float64Array;
}

function toColumns(samples: Samples, { fromMinute, toMinute, periodMinutes, sampleMinutes }: Periods): Columns {
	const length = (toMinute - fromMinute) / periodMinutes;
	const columns: Columns = {
		minutes: new Float64Array(length),
		minutesCovered: new Float64Array(length),
		covered: new Float64Array(length),
		sums: new Float64Array(length),
		minima: new Float64Array(length).fill(Infinity),
		maxima: new Float64Array(length),
		ends: new Uint32Array(length),
		inBuckets: new Float64Array(length),
	};
	const from = alignUp(fromMinute, sampleMinutes);
	const to = alignUp(toMinute, sampleMinutes);
	const periodOf = (minute: number) => Math.floor((minute - (minute % sampleMinutes) - fromMinute) / periodMinutes);
	/** The first minute after a period, of those that samples begin at. */
	const endOf = (period: number) => alignUp(fromMinute + (period + 1) * periodMinutes, sampleMinutes);
	const add = (period: number, minutes: number, covered: number, sum: number, minimum: number, maximum: number) => {
		columns.minutes[period]! += minutes;
		columns.minutesCovered[period]! += covered;
		columns.sums[period]! += sum;
		columns.minima[period] = Math.min(columns.minima[period]!, minimum);
		columns.maxima[period] = Math.max(columns.maxima[period]!, maximum);
	};
	let [interval, period, periodEnd] = [0, 0, from];
	for (let n = 0; n < samples.minutes.length; n++) {
		const minute = samples.minutes[n]!;
		if (minute < from || minute >= to) continue;
		if (minute >= periodEnd) {
			period = periodOf(minute);
			periodEnd = endOf(period);
		}
		while (interval < samples.covered.length && samples.covered[interval]!.to <= minute) interval++;
		const isCovered = interval < samples.covered.length && samples.covered[interval]!.from <= minute;
		const count = samples.counts[n]!;
		add(period, 1, isCovered ? 1 : 0, count, count, count);
		columns.ends[period] = n + 1;
	}
	for (const { startMinute, minutes, sum, minimum, maximum } of samples.buckets) {
		if (startMinute < from || startMinute >= to) continue;
		const period = periodOf(startMinute);
		add(period, minutes, minutes, sum, minimum, maximum);
		columns.inBuckets[period]! += minutes;
	}
	for (const covered of samples.covered) {
		const end = Math.min(covered.to, to);
		for (let minute = Math.max(covered.from, from); minute < end;) {
			const period = periodOf(minute);
			const next = Math.min(end, endOf(period));
			columns.covered[period]! += next - minute;
			minute = next;
		}
	}
	return columns;
}

function percentilesOf(samples: Samples, columns: Columns, period: number, zeros: number, percentiles: readonly number[]): number[] {
	if (columns.inBuckets[period]! > 0) return percentiles.map(() => Number.NaN);
	const end = columns.ends[period]!;
	const sorted = samples.counts.slice(end - columns.minutes[period]!, end).sort((a, b) => a - b);
	return percentiles.map((percentile) => percentileOf(sorted, zeros, percentile));
}

/**
 * Of so many zeros and then the counts, in ascending order.
 * AWS: how CloudWatch interpolates is not documented; we take the line between the closest ranks, as most tools do.
 */
function percentileOf(counts: readonly number[], zeros: number, percentile: number): number {
	const rank = (percentile / 100) * (zeros + counts.length - 1);
	const at = (index: number) => (index < zeros ? 0 : (counts[index - zeros] ?? 0));
	const below = at(Math.floor(rank));
	return below + (at(Math.ceil(rank)) - below) * (rank - Math.floor(rank));
}
