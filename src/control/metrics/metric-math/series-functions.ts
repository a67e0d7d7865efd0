// Functions that make a series of a series, and an array of an array.

import type { TimeSeries } from "../time-series.ts";
import { computed, finite, mapValues, type MathValue } from "./math-value.ts";
import { eachOf } from "./operators.ts";

export function mapped(value: TimeSeries | readonly TimeSeries[], change: (value: number) => number): MathValue {
	return eachOf(value, (series) => mapValues(series, change));
}

export function runningSum(value: TimeSeries | readonly TimeSeries[]): MathValue {
	return eachOf(value, (series) => {
		let sum = 0;
		return mapValues(series, (each) => (sum += each));
	});
}

/**
 * What is told of each data point and the one before; of the first there is nothing.
 *
 * @param tell given how much the value changed, and in how many seconds.
 */
export function differences(value: TimeSeries | readonly TimeSeries[], tell: (change: number, seconds: number) => number): MathValue {
	return eachOf(value, (series) => {
		let before = -1;
		const values = series.values.map((each, index) => {
			if (Number.isNaN(each)) return NaN;
			const last = before;
			before = index;
			if (last < 0) return NaN;
			return finite(tell(each - series.values[last]!, ((index - last) * series.grid.stepMs) / 1000));
		});
		return computed(series, values);
	});
}

/** AWS: a value for every period, whether there are data or not, in UTC; a week begins with Monday, 1 (CloudWatch guide, DAY). */
export function timeOf(series: TimeSeries, part: keyof typeof PARTS): TimeSeries {
	const { fromMs, stepMs } = series.grid;
	return computed(
		series,
		series.values.map((_, index) => PARTS[part](new Date(fromMs + index * stepMs))),
	);
}

const PARTS = {
	MINUTE: (at: Date) => at.getUTCMinutes(),
	HOUR: (at: Date) => at.getUTCHours(),
	DAY: (at: Date) => at.getUTCDay() || 7,
	DATE: (at: Date) => at.getUTCDate(),
	MONTH: (at: Date) => at.getUTCMonth() + 1,
	YEAR: (at: Date) => at.getUTCFullYear(),
	EPOCH: (at: Date) => at.getTime() / 1000,
};
