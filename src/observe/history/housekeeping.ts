/**
 * What is done with counts when they grow old: packed by the day, rolled up, deleted. In slices of some ten milliseconds, each of them a transaction
 * that moves counts from one place to another: it may end after any of them, and be begun again at any time.
 */
import type { CountTable } from "./count-table.ts";
import type { CountedTime } from "./counted-time.ts";
import { type HistoryTables, transaction } from "./history-tables.ts";
import { DAY_MINUTES, HOUR_MINUTES, dayOf } from "./minute.ts";
import type { PackedKey } from "./packed-counts.ts";
import { SERIES_COUNT } from "../request-series.ts";
import { BUCKET_SIZES, type BucketSize, firstDayKept } from "./retention.ts";
import { bucketsOfMinutes, emptyDay, rollUp } from "./roll-up.ts";

/** How many instances are packed in a slice. */
const PACKED_IN_SLICE = 16;

/** How many days of a series are rolled up in a slice. */
const ROLLED_UP_IN_SLICE = 64;

/** How many rows are deleted in a slice, and of how many instances it is looked whether anything is left. */
const DELETED_IN_SLICE = 1000;

/** Does all there is to do at a time, and says after each slice that others may have their turn. */
export function* keepHouse(tables: HistoryTables, { countedTo, retentionMinute }: CountedTime): Generator<void> {
	yield* packRecent(tables);
	if (beginPacking(tables, Math.floor(countedTo / HOUR_MINUTES))) yield* packRecent(tables);
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
	// When something became known of an instance is known by the day.
	const instancesBefore = before - DAY_MINUTES;
	while (tables.calls.removeCalls(hour, DELETED_IN_SLICE) > 0) yield;
	const lastKey = tables.instances.lastKey();
	for (let key = 1; key <= lastKey; key += DELETED_IN_SLICE) {
		const range = [key, key + DELETED_IN_SLICE - 1] as const;
		transaction(tables, () => {
			tables.spans.removeEnded(...range, before);
			tables.calls.removePrograms(...range, hour);
			tables.instances.forget(...range, instancesBefore);
		});
		yield;
	}
}

/** Once an hour. What comes late for an hour is packed with the next. */
function beginPacking(tables: HistoryTables, hour: number): boolean {
	let hasBegun = false;
	transaction(tables, () => (hasBegun = tables.recent.turnTo(hour)));
	return hasBegun;
}

/** Packs what is to be packed, or what is left of it since somebody began. */
function* packRecent(tables: HistoryTables): Generator<void> {
	const { recent, instances } = tables;
	const parts = dayParts(recent.packed);
	if (parts.length === 0) return;
	for (let keys = instances.keys(recent.packedBelow, PACKED_IN_SLICE); ; keys = instances.keys((keys.at(-1) ?? 0) + 1, PACKED_IN_SLICE)) {
		const [first, last] = [keys[0], keys.at(-1)];
		if (first === undefined || last === undefined) break;
		const found = parts.flatMap((part) => countsOf(recent.packed, part, first, last));
		if (found.length > 0) {
			transaction(tables, () => {
				for (const part of found) addToDay(tables, part);
				recent.setPacked(last);
			});
			tables.moves++;
		}
		yield;
	}
	transaction(tables, () => recent.emptyPacked());
	tables.moves++;
	yield;
}

/** The minutes of a day in which there are counts of a series. */
interface DayPart {
	readonly day: number;
	readonly series: number;
	readonly minutes: number[];
}

/** What there is in a table. */
function dayParts(table: CountTable): DayPart[] {
	const parts = new Map<number, DayPart>();
	for (const minute of table.minutes(0, Infinity)) {
		for (const series of table.series(minute)) {
			const id = dayOf(minute) * SERIES_COUNT + series;
			const part = parts.get(id) ?? { day: dayOf(minute), series, minutes: [] };
			parts.set(id, part);
			part.minutes.push(minute);
		}
	}
	return [...parts.values()];
}

interface CountsOfDay {
	readonly key: PackedKey;
	readonly counts: Float64Array;
}

function countsOf(table: CountTable, { day, series, minutes }: DayPart, first: number, last: number): CountsOfDay[] {
	const found = new Map<number, CountsOfDay>();
	for (const minute of minutes) {
		for (const { instance, count } of table.of(minute, series, first, last)) {
			const of = found.get(instance) ?? { key: { size: 1, day, series, instance }, counts: new Float64Array(DAY_MINUTES) };
			found.set(instance, of);
			of.counts[minute % DAY_MINUTES] = count;
		}
	}
	return [...found.values()];
}

function addToDay({ packed }: HistoryTables, { key, counts }: CountsOfDay): void {
	for (const [n, count] of packed.get(key)?.sums.entries() ?? []) counts[n]! += count;
	packed.put(key, bucketsOfMinutes(counts));
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
