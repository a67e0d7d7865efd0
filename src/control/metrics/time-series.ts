import type { MetricIdentity } from "./metric-catalogue.ts";
import type { TimeGrid } from "./time-grid.ts";

/** A value for each period of a grid. */
export interface TimeSeries {
	readonly label: string;
	readonly grid: TimeGrid;
	/** NaN: there is no data point. */
	readonly values: Float64Array;
	/** What it is the series of; missing: it was computed. */
	readonly source?: SeriesSource;
}

/** A metric, and what is told of it. */
export interface SeriesSource {
	readonly identity: MetricIdentity;
	/** As it was asked for: `Sum`. */
	readonly statistic: string;
}

/** Values for which there are no data points. */
export function noValues({ length }: TimeGrid): Float64Array {
	return new Float64Array(length).fill(NaN);
}
