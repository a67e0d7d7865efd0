// Queries that refer to each other, brought into an order; and what comes of them.

import type { Instance } from "../../model/instance.ts";
import { validationError } from "../errors.ts";
import type { MetricDataQuery } from "../models/cloudwatch.ts";
import { type FoundMetric, METRIC_UNIT, metricOf } from "./metric-catalogue.ts";
import { evaluate } from "./metric-math/evaluate.ts";
import { partsOf } from "./metric-math/expression.ts";
import { ExpressionError } from "./metric-math/expression-error.ts";
import { isScalar, type MathValue } from "./metric-math/math-value.ts";
import { type PlannedQuery, type PlannedSearch, readQueries, withExpressionOf } from "./metric-query.ts";
import type { WantedValues } from "./read-values.ts";
import { searchLabel } from "./series-label.ts";
import type { TimeGrid } from "./time-grid.ts";
import { noValues, type TimeSeries } from "./time-series.ts";

/** Queries, read and checked. */
export interface QueryPlan {
	/** As they were given. */
	readonly queries: readonly PlannedQuery[];
	/** Each behind those that it refers to. */
	readonly ordered: readonly PlannedQuery[];
}

/** The periods of a request, by their length; for one length, always the same. */
export type Grids = (periodSeconds: number) => TimeGrid;

/** A series that is to be read. */
export interface WantedSeries extends WantedValues {
	/** The query or the search that it is of. */
	readonly of: PlannedQuery | PlannedSearch;
	readonly series: Omit<TimeSeries, "values">;
}

/**
 * Reads and checks queries, all that can be without looking anything up.
 *
 * @throws {ApiError} `ValidationError` for a query that can't be read, or can't be computed whatever the data are.
 */
export function planQueries(queries: readonly MetricDataQuery[], parameter: string, accountId: string): QueryPlan {
	const planned = readQueries(queries, parameter, accountId);
	const plan = { queries: planned, ordered: inOrder(planned) };
	// Computed of nothing: types, operands, names and periods are checked once, where they are used.
	const grids: Grids = (periodSeconds) => ({ fromMs: 0, periodSeconds, stepMs: 60_000, length: 0 });
	computeQueries(plan, { grids, seriesOf: (of) => [{ label: "", grid: grids(of.periodSeconds), values: new Float64Array() }], spend() {} });
	return plan;
}

/** Whether something has to be searched for. */
export function searchesOf({ queries }: QueryPlan): readonly PlannedSearch[] {
	return queries.flatMap((planned) => (planned.kind === "expression" ? [...planned.searches.values()] : []));
}

/**
 * The series that have to be read for queries.
 *
 * @param found metrics that have data, for searches.
 */
export function wantedSeries(
	plan: QueryPlan,
	{
		grids,
		instances,
		found,
	}: { readonly grids: Grids; readonly instances: ReadonlyMap<string, Instance>; readonly found: readonly FoundMetric[] },
): readonly WantedSeries[] {
	return plan.queries.flatMap((planned): readonly WantedSeries[] => {
		if (planned.kind === "metric") {
			const { identity, statistic, statisticName, unit } = planned;
			const grid = grids(planned.periodSeconds);
			const metric = unit === undefined || unit === METRIC_UNIT ? metricOf(identity, instances) : undefined;
			return [
				{
					of: planned,
					metric,
					statistic,
					grid,
					series: { label: identity.MetricName, grid, source: { identity, statistic: statisticName } },
				},
			];
		}
		return [...planned.searches.values()].flatMap((search) => {
			const grid = grids(search.periodSeconds);
			const matching = found.filter(({ identity }) => search.matches(identity));
			const labelOf = searchLabel(matching.map(({ identity }) => identity));
			return matching.map(({ identity, metric }) => {
				const series = { label: labelOf(identity), grid, source: { identity, statistic: search.statisticName } };
				return { of: search, metric, statistic: search.statistic, grid, series };
			});
		});
	});
}

/** What queries are computed of. */
export interface QueryData {
	readonly grids: Grids;
	readonly seriesOf: (of: PlannedQuery | PlannedSearch) => readonly TimeSeries[];
	/** Called with how many values are to be looked at; throws an ExpressionError once they are too many. */
	readonly spend: (values: number) => void;
}

/** Computes all queries. @returns by their ids: time series, and arrays of them. @throws {ApiError} `ValidationError` */
export function computeQueries(
	{ ordered }: QueryPlan,
	{ grids, seriesOf, spend }: QueryData,
): ReadonlyMap<string, Exclude<MathValue, number>> {
	const metrics = ordered.flatMap((planned) => {
		if (planned.kind !== "metric") return [];
		const grid = grids(planned.periodSeconds);
		return [{ id: planned.query.Id, series: seriesOf(planned)[0] ?? { label: planned.identity.MetricName, grid, values: noValues(grid) } }];
	});
	const results = new Map<string, Exclude<MathValue, number>>(metrics.map(({ id, series }) => [id, series]));
	for (const planned of ordered) {
		if (planned.kind === "metric") continue;
		const { query, expression, searches, periodSeconds } = planned;
		const value = withExpressionOf(query, () => {
			const value = evaluate(expression, {
				valueOf: (id) => results.get(id),
				metrics,
				found: (call) => seriesOf(searches.get(call)!),
				grid: grids(periodSeconds),
				spend,
			});
			if (!isScalar(value)) return value;
			throw new ExpressionError("its result is a number; it must be a time series or an array of them. TIME_SERIES makes one of a number");
		});
		results.set(query.Id, value);
	}
	return results;
}

/** Without recursion: five hundred queries may refer one to the next. */
function inOrder(queries: readonly PlannedQuery[]): readonly PlannedQuery[] {
	const byId = new Map(queries.map((planned) => [planned.query.Id, planned]));
	const ordered = new Set<PlannedQuery>(queries.filter(({ kind }) => kind === "metric"));
	for (const first of queries) {
		const path = [{ planned: first, rest: referredTo(first, byId) }];
		const onPath = new Set([first]);
		for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
			const next = ordered.has(last.planned) ? undefined : last.rest.next().value;
			if (next === undefined) {
				ordered.add(last.planned);
				onPath.delete(last.planned);
				path.pop();
			} else if (onPath.has(next)) {
				throw validationError(
					`Error in expression '${last.planned.query.Id}': it refers to '${next.query.Id}', which refers to it in turn`,
				);
			} else if (!ordered.has(next)) {
				path.push({ planned: next, rest: referredTo(next, byId) });
				onPath.add(next);
			}
		}
	}
	return [...ordered];
}

function referredTo(planned: PlannedQuery, byId: ReadonlyMap<string, PlannedQuery>): Iterator<PlannedQuery, undefined> {
	if (planned.kind === "metric") return [].values();
	const names = partsOf(planned.expression).flatMap((part) => (part.kind === "name" ? [part.name] : []));
	return new Set(names.flatMap((name) => byId.get(name) ?? [])).values();
}
