// What the tables know of series, wherever it lies: in minutes, in days of minutes, in larger buckets.
import type { HistoryTables } from "./history-tables.ts";
import { DAY_MINUTES, dayOf } from "./minute.ts";
import { SERIES_COUNT } from "../request-series.ts";
import { BUCKET_SIZES, type BucketSize } from "./retention.ts";
import type { Bucket } from "./statistics.ts";

/** What is known of one series of one instance in some time. */
export interface SeriesCounts {
	/** Minutes with counts and their counts; a minute may come twice, when some of it was counted late. */
	readonly minutes: number[];
	readonly counts: number[];
	readonly buckets: Bucket[];
}

/** Instances with keys from the first to the last. */
export interface KeyRange {
	readonly first: number;
	readonly last: number;
}

/** Keys farther from each other than this are looked up by themselves: that takes about as long as reading so many rows between. */
const KEY_GAP_MAX = 8;

/** How many packed days are read in a slice: some ten microseconds each. */
const DAYS_IN_SLICE = 250;

/** Ranges that have all the keys and few others, each small enough to be read from one minute up to another in a slice. */
export function keyRanges(keys: Iterable<number>, from: number, to: number): readonly KeyRange[] {
	const lengthMax = Math.max(1, Math.floor(DAYS_IN_SLICE / (dayOf(to) - dayOf(from) + 1)));
	const ranges: { first: number; last: number }[] = [];
	for (const key of [...new Set(keys)].toSorted((a, b) => a - b)) {
		const range = ranges.at(-1);
		if (range === undefined || key - range.last > KEY_GAP_MAX || key - range.first >= lengthMax) ranges.push({ first: key, last: key });
		else range.last = key;
	}
	return ranges;
}

/** Reads series of one range of instances after the other, from one minute up to another. */
export class SeriesReader {
	readonly #tables: HistoryTables;
	readonly #from: number;
	readonly #to: number;
	#minutes: readonly number[] = [];
	#days: readonly (readonly [BucketSize, readonly number[]])[] = [];
	#moves: number | undefined;

	constructor(tables: HistoryTables, from: number, to: number) {
		this.#tables = tables;
		this.#from = from;
		this.#to = to;
	}

	/** What is known of some series, by instance and series: see {@link seriesKey}. */
	read(range: KeyRange, series: readonly number[]): ReadonlyMap<number, SeriesCounts> {
		this.#lookWhatThereIs();
		const found = new Map<number, SeriesCounts>();
		for (const one of series) {
			for (const [size, days] of this.#days) for (const day of days) this.#readDay(found, range, { size, day, series: one });
			for (const minute of this.#minutes) {
				for (const { instance, count } of this.#tables.recent.of(minute, one, range.first, range.last)) {
					const counts = countsOf(found, seriesKey(instance, one));
					counts.minutes.push(minute);
					counts.counts.push(count);
				}
			}
		}
		return found;
	}

	/** Housekeeping may have moved something since the last range was read. */
	#lookWhatThereIs(): void {
		const { recent, packed, moves } = this.#tables;
		if (moves === this.#moves) return;
		this.#moves = moves;
		this.#minutes = recent.minutes(this.#from, this.#to);
		this.#days = BUCKET_SIZES.map((size) => [size, packed.days(size, dayOf(this.#from), dayOf(this.#to - 1))] as const);
	}

	#readDay(
		found: Map<number, SeriesCounts>,
		{ first, last }: KeyRange,
		{ size, day, series }: { readonly size: BucketSize; readonly day: number; readonly series: number },
	): void {
		for (const [instance, { minutes, sums, minima, maxima }] of this.#tables.packed.of({ size, day, series }, first, last)) {
			const counts = countsOf(found, seriesKey(instance, series));
			for (let n = 0; n < sums.length; n++) {
				const sum = sums[n]!;
				const startMinute = day * DAY_MINUTES + n * size;
				if (sum === 0 || startMinute < this.#from || startMinute >= this.#to) continue;
				if (size === 1) {
					counts.minutes.push(startMinute);
					counts.counts.push(sum);
				} else {
					counts.buckets.push({ startMinute, minutes: minutes[n]!, sum, minimum: minima[n]!, maximum: maxima[n]! });
				}
			}
		}
	}
}

export function seriesKey(instance: number, series: number): number {
	return instance * SERIES_COUNT + series;
}

/**
 * The sum of several series, its minutes in the order of time.
 * Quirk: what the least and the most was of a sum of buckets isn't known any more; it is that of the series, and the minutes are those of the series
 * that has most.
 */
export function sumOfSeries(all: readonly SeriesCounts[]): SeriesCounts {
	const [only] = all;
	if (only !== undefined && all.length === 1 && isAscending(only.minutes)) return only;
	const buckets = all.length === 1 ? (only?.buckets ?? []) : sumOfBuckets(all.flatMap((one) => one.buckets));
	let [first, last] = [Infinity, -Infinity];
	for (const { minutes } of all) {
		for (const minute of minutes) {
			first = Math.min(first, minute);
			last = Math.max(last, minute);
		}
	}
	const sum: SeriesCounts = { minutes: [], counts: [], buckets };
	if (last < first) return sum;
	const byMinute = new Float64Array(last - first + 1);
	for (const { minutes, counts } of all) {
		for (let n = 0; n < minutes.length; n++) byMinute[minutes[n]! - first]! += counts[n]!;
	}
	for (const [n, count] of byMinute.entries()) {
		if (count === 0) continue;
		sum.minutes.push(first + n);
		sum.counts.push(count);
	}
	return sum;
}

/** Each number greater than the one before. */
function isAscending(numbers: readonly number[]): boolean {
	for (let n = 1; n < numbers.length; n++) if (numbers[n]! <= numbers[n - 1]!) return false;
	return true;
}

function sumOfBuckets(buckets: readonly Bucket[]): Bucket[] {
	const sums = new Map<number, Bucket>();
	for (const bucket of buckets) {
		const before = sums.get(bucket.startMinute) ?? bucket;
		if (before === bucket) {
			sums.set(bucket.startMinute, bucket);
			continue;
		}
		sums.set(bucket.startMinute, {
			startMinute: bucket.startMinute,
			minutes: Math.max(before.minutes, bucket.minutes),
			sum: before.sum + bucket.sum,
			minimum: Math.min(before.minimum, bucket.minimum),
			maximum: Math.max(before.maximum, bucket.maximum),
		});
	}
	return [...sums.values()];
}

function countsOf(found: Map<number, SeriesCounts>, key: number): SeriesCounts {
	const counts = found.get(key) ?? { minutes: [], counts: [], buckets: [] };
	found.set(key, counts);
	return counts;
}
