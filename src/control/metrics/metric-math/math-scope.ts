import type { TimeGrid } from "../time-grid.ts";
import type { TimeSeries } from "../time-series.ts";
import type { FunctionCall } from "./expression.ts";
import type { MathValue } from "./math-value.ts";

/** What an expression may ask for. */
export interface MathScope {
	/** What a query with an id gave; `undefined` for an id that no query has. */
	readonly valueOf: (id: string) => MathValue | undefined;
	/** The metrics of the request, with the ids of their queries, in its order. */
	readonly metrics: readonly { readonly id: string; readonly series: TimeSeries }[];
	/** What a SEARCH of the expression found. */
	readonly found: (search: FunctionCall) => readonly TimeSeries[];
	/** The periods of series that no metric is in: those of TIME_SERIES. */
	readonly grid: TimeGrid;
	/** Called with how many values are to be looked at; throws once they are too many. */
	readonly spend: (values: number) => void;
}
