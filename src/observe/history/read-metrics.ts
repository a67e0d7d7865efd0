import type { CountedTime } from "./counted-time.ts";
import type { HistoryTables } from "./history-tables.ts";
import { type Interval, union } from "./intervals.ts";
import type { MetricOfInstance, MetricQuery } from "../metric-reader.ts";
import { alignUp, minuteOf } from "./minute.ts";
import { firstPeriodServed } from "./retention.ts";
import { type KeyRange, SeriesReader, keyRanges, seriesKey, sumOfSeries } from "./series-counts.ts";
import type { Span } from "./span-table.ts";
import { periodRows } from "./statistics.ts";

/** The answer for one metric of a query. */
export interface MetricRows {
	/** Its place in the query. */
	readonly index: number;
	/** Its periods, see period-rows.ts. */
	readonly rows: Float64Array<ArrayBuffer>;
}

/** The largest group of minutes that make one sample. */
const SAMPLE_MINUTES_MAX = 5;

/** Reads metrics slice by slice, in no particular order; those of instances that nothing is known of are left out. */
export function* readMetrics(tables: HistoryTables, query: MetricQuery, { countedTo }: CountedTime): Generator<readonly MetricRows[]> {
	const periodMinutes = query.periodSeconds / 60;
	const fromMinute = Math.max(minuteOf(query.fromMs), firstPeriodServed(periodMinutes, countedTo));
	const toMinute = minuteOf(query.toMs);
	if (fromMinute >= toMinute) return;
	const readTo = alignUp(toMinute, SAMPLE_MINUTES_MAX);
	const reader = new SeriesReader(tables, fromMinute, readTo);
	const wanted = metricsByKey(tables, query.metrics);
	for (const range of keyRanges(wanted.keys(), fromMinute, readTo)) {
		const inRange = keysIn(range, wanted);
		const series = [...new Set(inRange.flatMap(([, metrics]) => metrics.flatMap(({ metric }) => metric.series)))];
		const known = reader.read(range, series);
		const spans = tables.spans.of(range.first, range.last, countedTo + 1);
		yield inRange.flatMap(([key, metrics]) =>
			metrics.map(({ index, metric }) => {
				const counts = sumOfSeries(metric.series.flatMap((one) => known.get(seriesKey(key, one)) ?? []));
				const covered = zeroMinutes(metric, spans.get(key) ?? []);
				const { sampleMinutes } = metric;
				const { percentiles } = query;
				return { index, rows: periodRows({ ...counts, covered }, { fromMinute, toMinute, periodMinutes, sampleMinutes, percentiles }) };
			}),
		);
	}
}

interface WantedMetric {
	readonly index: number;
	readonly metric: MetricOfInstance;
}

function metricsByKey({ instances }: HistoryTables, metrics: readonly MetricOfInstance[]): Map<number, WantedMetric[]> {
	const wanted = new Map<number, WantedMetric[]>();
	for (const [index, metric] of metrics.entries()) {
		const key = instances.find(metric.instanceId);
		if (key === undefined) continue;
		const others = wanted.get(key);
		if (others === undefined) wanted.set(key, [{ index, metric }]);
		else others.push({ index, metric });
	}
	return wanted;
}

function keysIn<T>({ first, last }: KeyRange, wanted: ReadonlyMap<number, T>): (readonly [number, T])[] {
	const found: (readonly [number, T])[] = [];
	for (let key = first; key <= last; key++) {
		const value = wanted.get(key);
		if (value !== undefined) found.push([key, value]);
	}
	return found;
}

function zeroMinutes({ zeros }: MetricOfInstance, spans: readonly Span[]): readonly Interval[] {
	switch (zeros) {
		case "never":
			return [];
		case "while-running":
			return union(spans);
		case "while-optional":
			return union(spans.filter(({ mode }) => mode === "optional"));
	}
}
