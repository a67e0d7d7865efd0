import type { TimeSeries } from "../time-series.ts";
import { checkOnePeriod, computed, type MathValue } from "./math-value.ts";
import { eachOf } from "./operators.ts";

/** Where the missing values of a series come from: a number, another series, the value before, or a line between those on both sides. */
export type Filler = number | TimeSeries | "REPEAT" | "LINEAR";

/**
 * AWS: REPEAT leaves open what is missing before the first value, LINEAR also what is behind the last one (CloudWatch guide, FILL).
 *
 * @throws {ExpressionError} for a filler of another period.
 */
export function filled(value: TimeSeries | readonly TimeSeries[], filler: Filler): MathValue {
	if (typeof filler === "object") return eachOf(value, (series) => filledFrom(series, filler));
	if (filler === "REPEAT") return eachOf(value, repeated);
	if (filler === "LINEAR") return eachOf(value, interpolated);
	return eachOf(value, (series) =>
		computed(
			series,
			series.values.map((each) => (Number.isNaN(each) ? filler : each)),
		),
	);
}

function filledFrom(series: TimeSeries, other: TimeSeries): TimeSeries {
	checkOnePeriod([series, other]);
	return computed(
		series,
		series.values.map((each, index) => (Number.isNaN(each) ? other.values[index]! : each)),
	);
}

function repeated(series: TimeSeries): TimeSeries {
	let last = NaN;
	return computed(
		series,
		series.values.map((each) => (last = Number.isNaN(each) ? last : each)),
	);
}

function interpolated(series: TimeSeries): TimeSeries {
	const values = series.values.slice();
	let before = -1;
	for (const [index, value] of series.values.entries()) {
		if (Number.isNaN(value)) continue;
		if (before >= 0) {
			const first = values[before]!;
			const slope = (value - first) / (index - before);
			for (let gap = before + 1; gap < index; gap++) values[gap] = first + slope * (gap - before);
		}
		before = index;
	}
	return computed(series, values);
}
