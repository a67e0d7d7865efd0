// Results of queries, and pages of their data points.

import type { MetricDataResult } from "../../models/cloudwatch.ts";
import type { QueryPlan } from "../../metrics/query-plan.ts";
import { resultLabel } from "../../metrics/series-label.ts";
import type { TimeSeries } from "../../metrics/time-series.ts";

/** AWS: series that one expression may give; it was 100 for long (CloudWatch guide, "Search expression limits"). */
export const SERIES_MAX = 500;

/** A series as it is told. */
export interface NamedResult {
	readonly id: string;
	readonly label: string;
	readonly series: TimeSeries;
	/** Whether there are more of its query than are told. */
	readonly cut: boolean;
}

/** Where a page begins: at a series, and behind one of its data points. */
export interface Place {
	/** By its place among all. */
	readonly series: number;
	readonly afterMs?: number | undefined;
}

/** The series that are to be told, in the order of the queries. */
export function namedResults(
	{ queries }: QueryPlan,
	results: ReadonlyMap<string, TimeSeries | readonly TimeSeries[]>,
): readonly NamedResult[] {
	return queries.flatMap(({ query: { Id: id, Label: label, ReturnData } }) => {
		if (ReturnData === false) return [];
		const result = results.get(id)!;
		const many = Array.isArray(result);
		const series = [result].flat();
		const cut = series.length > SERIES_MAX;
		return series.slice(0, SERIES_MAX).map((each) => ({ id, label: resultLabel({ id, label }, each, many), series: each, cut }));
	});
}

/** One page of data points, and where the next one begins; the last page has no next. */
export function resultsPage(
	results: readonly NamedResult[],
	{ place, maxDatapoints, descending }: { readonly place: Place | undefined; readonly maxDatapoints: number; readonly descending: boolean },
): { readonly page: readonly MetricDataResult[]; readonly next: Place | undefined } {
	const page: MetricDataResult[] = [];
	let room = maxDatapoints;
	const first = place?.series ?? 0;
	for (const [at, { id, label, series, cut }] of results.entries()) {
		if (at < first) continue;
		const points = pointsOf(series, descending, at === first ? place?.afterMs : undefined);
		const taken = points.slice(0, room);
		room -= taken.length;
		const whole = taken.length === points.length;
		if (whole || taken.length > 0) {
			page.push({
				Id: id,
				Label: label,
				Timestamps: taken.map(({ atMs }) => new Date(atMs)),
				Values: taken.map(({ value }) => value),
				StatusCode: whole && !cut ? "Complete" : "PartialData",
			});
		}
		if (!whole) return { page, next: { series: at, afterMs: taken.at(-1)?.atMs } };
	}
	return { page, next: undefined };
}

function pointsOf(
	{ grid, values }: TimeSeries,
	descending: boolean,
	afterMs: number | undefined,
): readonly { readonly atMs: number; readonly value: number }[] {
	const points = Array.from(values, (value, index) => ({ atMs: grid.fromMs + index * grid.stepMs, value })).filter(
		({ atMs, value }) => Number.isFinite(value) && (afterMs === undefined || (descending ? atMs < afterMs : atMs > afterMs)),
	);
	return descending ? points.toReversed() : points;
}
