// What queries give, from the history of counts.

import { validationError } from "../errors.ts";
import { FOUND_MS, foundMetrics, type MetricSource } from "./found-metrics.ts";
import { ExpressionError } from "./metric-math/expression-error.ts";
import { computeQueries, type Grids, type QueryPlan, searchesOf, wantedSeries } from "./query-plan.ts";
import { readValues } from "./read-values.ts";
import { type AskedTime, gridOf, type TimeGrid } from "./time-grid.ts";
import type { TimeSeries } from "./time-series.ts";

/** Values that one request may have read and looked at: a tenth of a second, and a quarter of a gigabyte. */
const VALUES_MAX = 30_000_000;

/**
 * Reads what queries need, and computes them.
 *
 * @returns by their ids: a time series, or an array of them.
 * @throws {ApiError} `ValidationError` for what is too much, and for what can't be computed.
 */
export async function queryResults(
	plan: QueryPlan,
	time: AskedTime,
	source: MetricSource,
): Promise<ReadonlyMap<string, TimeSeries | readonly TimeSeries[]>> {
	const found = searchesOf(plan).length > 0 ? await foundMetrics(source, { nowMs: time.nowMs, withinMs: FOUND_MS }) : [];
	const grids = gridsOf(time);
	const wanted = wantedSeries(plan, { grids, instances: source.instances, found });
	let left = VALUES_MAX;
	const spend = (values: number) => {
		left -= values;
		if (left < 0) throw new ExpressionError(TOO_MUCH);
	};
	if (wanted.reduce((sum, { grid }) => sum + grid.length, 0) > left) throw validationError(`The request is too large: ${TOO_MUCH}.`);
	for (const { grid } of wanted) spend(grid.length);
	const values = await readValues(source.metrics, wanted);
	const series = Map.groupBy(
		wanted.map(({ of, series }, index) => ({ of, series: { ...series, values: values[index]! } })),
		({ of }) => of,
	);
	return computeQueries(plan, { grids, seriesOf: (of) => series.get(of)?.map(({ series }) => series) ?? [], spend });
}

const TOO_MUCH = `it takes more than ${VALUES_MAX} values. Ask for a shorter time, a longer Period, or fewer metrics`;

function gridsOf(time: AskedTime): Grids {
	const grids = new Map<number, TimeGrid>();
	return (periodSeconds) => {
		const grid = grids.get(periodSeconds) ?? gridOf(time, periodSeconds);
		grids.set(periodSeconds, grid);
		return grid;
	};
}
