import type { Observed } from "../call-reader.ts";
import type { CountedTime } from "./counted-time.ts";
import type { HistoryTables } from "./history-tables.ts";
import { minutesWithin, union } from "./intervals.ts";
import { minuteOf } from "./minute.ts";
import { type SeriesCounts, SeriesReader, keyRanges, seriesKey } from "./series-counts.ts";

/** Asks how long instances were watched, and what was counted meanwhile. */
export interface Observation {
	readonly instanceIds: readonly string[];
	/** Minutes that begin from the one up to, and without, the other. */
	readonly fromMs: number;
	readonly toMs: number;
	/** Counts that are kept in larger buckets are in a sum when their bucket begins in the time. */
	readonly series: readonly number[];
}

/** Looks slice by slice, in no particular order; instances that nothing is known of are left out. */
export function* observeInstances(
	tables: HistoryTables,
	{ instanceIds, fromMs, toMs, series }: Observation,
	{ countedTo }: CountedTime,
): Generator<readonly Observed[]> {
	const from = minuteOf(fromMs);
	const to = minuteOf(toMs);
	if (from >= to) return;
	const ids = new Map<number, string>();
	for (const id of instanceIds) {
		const key = tables.instances.find(id);
		if (key !== undefined) ids.set(key, id);
	}
	const reader = new SeriesReader(tables, from, to);
	for (const range of keyRanges(ids.keys(), from, to)) {
		const known = reader.read(range, series);
		const allSpans = tables.spans.of(range.first, range.last, countedTo + 1);
		const observed: Observed[] = [];
		for (let key = range.first; key <= range.last; key++) {
			const instanceId = ids.get(key);
			if (instanceId === undefined) continue;
			const spans = allSpans.get(key) ?? [];
			observed.push({
				instanceId,
				minutes: minutesWithin(union(spans), from, to),
				optionalMinutes: minutesWithin(union(spans.filter(({ mode }) => mode === "optional")), from, to),
				sums: series.map((one) => total(known.get(seriesKey(key, one)))),
			});
		}
		yield observed;
	}
}

function total(counts: SeriesCounts | undefined): number {
	if (counts === undefined) return 0;
	return counts.buckets.reduce((sum, bucket) => sum + bucket.sum, 0) + counts.counts.reduce((sum, count) => sum + count, 0);
}
