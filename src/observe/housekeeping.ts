/**
 * What is done with counts when they grow old: packed by the day, rolled up, deleted. In slices of some ten milliseconds, each of them a transaction
 * that moves counts from one place to another: it may end after any of them, and be begun again at any time.
 */
import type { CountedTime } from "./counted-time.ts";
import { type HistoryTables, transaction } from "./history-tables.ts";
import { DAY_MINUTES, HOUR_MINUTES, dayOf } from "./minute.ts";
import { BUCKET_SIZES, type BucketSize, firstDayKept } from "./retention.ts";
import { bucketsOfMinutes, emptyDay, rollUp } from "./roll-up.ts";

/** How long after its end an hour is packed; what comes later is packed by itself. */
const PACK_AFTER_MINUTES = 5;

/** How many instances' hours are packed in a slice. */
const PACKED_IN_SLICE = 16;

/** How many days of a series are rolled up in a slice. */
const ROLLED_UP_IN_SLICE = 64;

/** How many rows are deleted in a slice, and of how many instances it is looked whether anything is left. */
const DELETED_IN_SLICE = 1000;

/** Does all there is to do at a time, and says after each slice that others may have their turn. */
export function* keepHouse(tables: HistoryTables, { countedTo, retentionMinute }: CountedTime): Generator<void> {
	const packedTo = countedTo - PACK_AFTER_MINUTES;
	yield* packHours(tables, packedTo - (packedTo % HOUR_MINUTES));
	for (const [n, size] of BUCKET_SIZES.entries()) {
		const firstDay = firstDayKept(size, retentionMinute);
		const larger = BUCKET_SIZES[n + 1];
		if (larger === undefined) yield* removeDays(tables, size, firstDay);
		else yield* rollUpDays(tables, size, larger, firstDay);
	}
}

/** Deletes what nothing refers to any more, and what else has no place in the order of time. To be done about once a day. */
export function* sweep(tables: HistoryTables, { retentionMinute }: CountedTime): Generator<void> {
	const hour = Math.floor(retentionMinute / HOUR_MINUTES);
	const before = firstDayKept(60, retentionMinute) * DAY_MINUTES;
	while (tables.calls.removeCalls(hour, DELETED_IN_SLICE) > 0) yield;
	const lastKey = tables.instances.lastKey();
	for (let key = 1; key <= lastKey; key += DELETED_IN_SLICE) {
		const range = [key, key + DELETED_IN_SLICE - 1] as const;
		transaction(tables, () => {
			tables.spans.removeEnded(...range, before);
			tables.calls.removePrograms(...range, hour);
			tables.instances.forget(...range, before);
		});
		yield;
	}
}

function* packHours(tables: HistoryTables, before: number): Generator<void> {
	for (let minute = tables.recent.next(0); minute !== undefined && minute < before; minute = tables.recent.next(0)) {
		yield* packHour(tables, minute - (minute % HOUR_MINUTES));
	}
}

function* packHour(tables: HistoryTables, hourStart: number): Generator<void> {
	const minutes = tables.recent.minutes(hourStart, hourStart + HOUR_MINUTES);
	const found = { series: new Set<number>(), instances: new Set<number>() };
	for (const minute of minutes) {
		for (const [series, instance] of tables.recent.kept(minute)) {
			found.series.add(series);
			found.instances.add(instance);
		}
		yield;
	}
	const instances = [...found.instances].toSorted((a, b) => a - b);
	for (let n = 0; n < instances.length; n += PACKED_IN_SLICE) {
		const slice = instances.slice(n, n + PACKED_IN_SLICE);
		transaction(tables, () => {
			for (const series of found.series) packSeries(tables, series, minutes, slice);
			for (const instance of slice) tables.instances.touch(instance, hourStart);
		});
		tables.moves++;
		yield;
	}
}

/** Moves what instances (in the order of their keys) have in some minutes of an hour to its day. */
function packSeries({ recent, packed }: HistoryTables, series: number, minutes: readonly number[], instances: readonly number[]): void {
	const day = dayOf(minutes[0] ?? 0);
	const moved = new Map<number, Float64Array>();
	for (const minute of minutes) {
		for (const [instance, count] of recent.take(minute, series, instances[0] ?? 0, instances.at(-1) ?? 0)) {
			const counts = moved.get(instance) ?? new Float64Array(DAY_MINUTES);
			moved.set(instance, counts);
			counts[minute % DAY_MINUTES] = count;
		}
	}
	for (const [instance, counts] of moved) {
		const key = { size: 1, day, series, instance } as const;
		for (const [n, count] of packed.get(key)?.sums.entries() ?? []) if (count > 0) counts[n] = (counts[n] ?? 0) + count;
		packed.put(key, bucketsOfMinutes(counts));
	}
}

function* rollUpDays(tables: HistoryTables, size: BucketSize, larger: BucketSize, beforeDay: number): Generator<void> {
	const { packed } = tables;
	for (let keys = packed.oldest(size, beforeDay, ROLLED_UP_IN_SLICE); keys.length > 0;) {
		transaction(tables, () => {
			for (const key of keys) {
				const from = packed.get(key);
				const into = packed.get({ ...key, size: larger }) ?? emptyDay(larger);
				if (from !== undefined) rollUp(from, into);
				packed.put({ ...key, size: larger }, into);
				packed.remove(key);
			}
		});
		tables.moves++;
		yield;
		keys = packed.oldest(size, beforeDay, ROLLED_UP_IN_SLICE);
	}
}

function* removeDays({ packed }: HistoryTables, size: BucketSize, beforeDay: number): Generator<void> {
	while (packed.removeOldest(size, beforeDay, DELETED_IN_SLICE) > 0) yield;
}
