import type { TimeGrid } from "../time-grid.ts";
import { noValues, type TimeSeries } from "../time-series.ts";
import { checkOnePeriod, computed, isScalar, type MathValue } from "./math-value.ts";

/** What IF chooses from. */
export interface Choice {
	readonly condition: number | TimeSeries;
	readonly whenTrue: number | TimeSeries;
	readonly whenFalse: number | TimeSeries | undefined;
}

/**
 * The values of one or the other, by a condition that is false where it is 0.
 *
 * AWS: where the condition is true and there is no value, it is 0; where it is false and there is none, the data point is dropped, and so
 * it is where the condition has none (CloudWatch guide, "Using IF expressions").
 *
 * @param grid that of the empty series which a number gives that is false, without another value.
 */
export function chosen({ condition, whenTrue, whenFalse }: Choice, grid: TimeGrid): MathValue {
	if (isScalar(condition)) {
		return (condition !== 0 ? whenTrue : whenFalse) ?? { label: "", grid, values: noValues(grid) };
	}
	checkOnePeriod([condition, whenTrue, whenFalse].filter((each) => typeof each === "object"));
	const named = [whenTrue, whenFalse].find((each) => typeof each === "object") ?? condition;
	return computed(
		named,
		condition.values.map((each, index) => {
			if (Number.isNaN(each)) return NaN;
			if (each === 0) return valueAt(whenFalse, index);
			const value = valueAt(whenTrue, index);
			return Number.isNaN(value) ? 0 : value;
		}),
	);
}

function valueAt(value: number | TimeSeries | undefined, index: number): number {
	return typeof value === "object" ? value.values[index]! : (value ?? NaN);
}
