// The values of many metrics at once: few questions to whoever keeps the history, and little memory for the answers.

import type { MetricOfInstance, MetricReader } from "../../observe/metric-reader.ts";
import { percentilesOf, type Statistic, valueOf } from "./statistic.ts";
import type { TimeGrid } from "./time-grid.ts";
import { noValues } from "./time-series.ts";

/** What is told of a metric, over a time. */
export interface WantedValues {
	/** Missing: one that there is no data of. */
	readonly metric: MetricOfInstance | undefined;
	readonly statistic: Statistic;
	readonly grid: TimeGrid;
}

/** Periods that are asked for at once. Each comes as an object; what is kept of it is a number. */
const READ_AT_ONCE = 250_000;

/** The values that are wanted, in order; NaN where nothing is known. */
export async function readValues(reader: MetricReader, wanted: readonly WantedValues[]): Promise<readonly Float64Array[]> {
	const values = wanted.map(({ grid }) => noValues(grid));
	const places = wanted.map((each, index) => ({ ...each, values: values[index]! }));
	for (const [grid, ofGrid] of Map.groupBy(places, ({ grid }) => grid)) {
		const percentiles = percentilesOf(ofGrid.map(({ statistic }) => statistic));
		const byMetric = [...Map.groupBy(ofGrid, ({ metric }) => metric && JSON.stringify(metric))].filter(([key]) => key !== undefined);
		const metricsAtOnce = Math.max(1, Math.floor(READ_AT_ONCE / Math.max(1, grid.length)));
		for (let at = 0; at < byMetric.length && grid.length > 0; at += metricsAtOnce) {
			const asked = byMetric.slice(at, at + metricsAtOnce).map(([, places]) => places);
			const metrics = asked.map(([place]) => place!.metric!);
			const { fromMs, stepMs, length } = grid;
			const query = { metrics, fromMs, toMs: fromMs + length * stepMs, periodSeconds: stepMs / 1000, percentiles };
			const answers = await reader.read(query);
			for (const [index, periods] of answers.entries()) {
				for (const { statistic, values } of asked[index]!) {
					for (const period of periods) values[(period.startMs - fromMs) / stepMs] = valueOf(statistic, period, percentiles);
				}
			}
		}
	}
	return values;
}
