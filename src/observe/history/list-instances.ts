import type { SeriesOfInstance } from "./count-table.ts";
import type { CountedTime } from "./counted-time.ts";
import type { HistoryTables } from "./history-tables.ts";
import type { ListedInstance } from "../metric-reader.ts";
import { DAY_MINUTES, alignUp, dayOf, minuteOf } from "./minute.ts";
import { SERIES_COUNT } from "../request-series.ts";
import { BUCKET_SIZES, type BucketSize } from "./retention.ts";

/** How many packed days are looked at in a slice, and how many of them are read when only some of their hours matter. */
const KEYS_IN_SLICE = 5000;
const DAYS_READ_IN_SLICE = 500;

/** How many instances' spans are looked at in a slice. */
const SPANS_IN_SLICE = 1000;

/** All instances of which something is known from one minute up to another, in slices of which only the last has any. */
export function* listInstances(
	tables: HistoryTables,
	fromMs: number,
	toMs: number,
	{ countedTo }: CountedTime,
): Generator<readonly ListedInstance[]> {
	const [from, to] = [minuteOf(fromMs), minuteOf(toMs)];
	if (from >= to) return;
	const found = new Map<number, Found>();
	// Recent counts first: what housekeeping moves in the meantime it moves to where is looked next.
	for (const minute of tables.recent.minutes(from, to)) {
		for (const { series, instance } of tables.recent.kept(minute)) foundOf(found, instance).series |= 1 << series;
		yield [];
	}
	for (const size of BUCKET_SIZES) {
		for (const day of tables.packed.days(size, dayOf(from), dayOf(to - 1))) yield* lookAtDay(tables, found, { size, day, from, to });
	}
	const ids = tables.instances.all();
	const lastKey = tables.instances.lastKey();
	for (let key = 1; key <= lastKey; key += SPANS_IN_SLICE) {
		for (const [instance, spans] of tables.spans.of(key, key + SPANS_IN_SLICE - 1, countedTo + 1)) {
			for (const span of spans) {
				if (span.from >= to || span.to <= from || span.from >= span.to) continue;
				foundOf(found, instance).ran = true;
				if (span.mode === "optional") foundOf(found, instance).ranOptional = true;
			}
		}
		yield [];
	}
	yield [...found].flatMap(([key, { series, ran, ranOptional }]) => {
		const instanceId = ids.get(key);
		return instanceId === undefined ? [] : [{ instanceId, series: seriesIn(series), ran, ranOptional }];
	});
}

interface Found {
	/** A bit for each. */
	series: number;
	ran: boolean;
	ranOptional: boolean;
}

function* lookAtDay(
	{ packed }: HistoryTables,
	found: Map<number, Found>,
	{ size, day, from, to }: { readonly size: BucketSize; readonly day: number; readonly from: number; readonly to: number },
): Generator<readonly ListedInstance[]> {
	const dayStart = day * DAY_MINUTES;
	const isWhole = from <= dayStart && dayStart + DAY_MINUTES <= to;
	const firstBucket = Math.max(0, alignUp(from - dayStart, size) / size);
	const lastBucket = Math.min(DAY_MINUTES, to - dayStart) / size;
	const limit = isWhole ? KEYS_IN_SLICE : DAYS_READ_IN_SLICE;
	for (let after: SeriesOfInstance = { series: -1, instance: -1 }; ;) {
		const keys = packed.kept(size, day, after, limit);
		for (const { series, instance } of keys) {
			if (((found.get(instance)?.series ?? 0) & (1 << series)) !== 0) continue;
			const sums = isWhole ? undefined : packed.get({ size, day, series, instance })?.sums;
			if (sums?.slice(firstBucket, lastBucket).every((sum) => sum === 0) === true) continue;
			foundOf(found, instance).series |= 1 << series;
		}
		const last = keys.at(-1);
		if (last === undefined || keys.length < limit) return;
		after = last;
		yield [];
	}
}

function foundOf(found: Map<number, Found>, instance: number): Found {
	const known = found.get(instance) ?? { series: 0, ran: false, ranOptional: false };
	found.set(instance, known);
	return known;
}

function seriesIn(bits: number): number[] {
	return Array.from({ length: SERIES_COUNT }, (_, series) => series).filter((series) => (bits & (1 << series)) !== 0);
}
