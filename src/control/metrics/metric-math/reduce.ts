// Functions that make one value of many: of a series a number, of an array a series.

import type { TimeGrid } from "../time-grid.ts";
import { noValues, type TimeSeries } from "../time-series.ts";
import { checkOnePeriod, isArray, type MathValue } from "./math-value.ts";

interface Reduction {
	readonly step: (before: number, value: number) => number;
	/** What it begins with, and is where there is no value; left out: with the first one. */
	readonly zero?: number;
	/** The average takes missing values for 0. */
	readonly averages?: boolean;
}

/**
 * AWS: of one time series each gives a scalar, of an array a time series (CloudWatch guide, "Functions supported for metric math").
 *
 * Gap: STDDEV.
 */
export const REDUCTIONS = {
	SUM: { step: (before, value) => before + value, zero: 0 },
	AVG: { step: (before, value) => before + value, averages: true },
	MIN: { step: Math.min },
	MAX: { step: Math.max },
	DATAPOINT_COUNT: { step: (before) => before + 1, zero: 0 },
} as const satisfies Record<string, Reduction>;

export type ReductionName = keyof typeof REDUCTIONS;

/** @param grid that of the series which an empty array gives. */
export function reduced(name: ReductionName, value: TimeSeries | readonly TimeSeries[], grid: TimeGrid): MathValue {
	return isArray(value) ? reducedArray(name, value, grid) : reducedTo(name, value);
}

/** The number that a series gives; NaN for one without data points, unless it is counted or summed. */
export function reducedTo(name: ReductionName, { values }: TimeSeries): number {
	const { step, zero, averages }: Reduction = REDUCTIONS[name];
	let result = zero ?? NaN;
	let count = 0;
	for (const value of values) {
		if (Number.isNaN(value)) continue;
		result = Number.isNaN(result) ? value : step(result, value);
		count++;
	}
	return averages === true ? result / count : result;
}

/** Series by series, not period by period: that is the order of memory, and there may be ten thousand. */
function reducedArray(name: ReductionName, array: readonly TimeSeries[], grid: TimeGrid): TimeSeries {
	checkOnePeriod(array);
	const { step, averages, zero }: Reduction = REDUCTIONS[name];
	const of = array[0]?.grid ?? grid;
	const results = noValues(of);
	for (const { values } of array) {
		for (let index = 0; index < values.length; index++) {
			const value = values[index]!;
			if (Number.isNaN(value)) continue;
			const before = results[index]!;
			if (!Number.isNaN(before)) results[index] = step(before, value);
			else results[index] = zero === undefined ? value : step(zero, value);
		}
	}
	// AWS: missing values are 0 to AVG, so it is of all series of the array.
	return { label: "", grid: of, values: averages === true ? results.map((sum) => sum / array.length) : results };
}
