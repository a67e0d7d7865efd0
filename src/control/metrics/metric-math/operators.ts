import type { TimeSeries } from "../time-series.ts";
import type { BinaryOperator } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { checkOnePeriod, computed, finite, isArray, isScalar, mapValues, type MathValue } from "./math-value.ts";

const OPERATORS: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
	OR: (left, right) => Number(left !== 0 || right !== 0),
	AND: (left, right) => Number(left !== 0 && right !== 0),
	"==": (left, right) => Number(left === right),
	"!=": (left, right) => Number(left !== right),
	"<": (left, right) => Number(left < right),
	"<=": (left, right) => Number(left <= right),
	">": (left, right) => Number(left > right),
	">=": (left, right) => Number(left >= right),
	"+": (left, right) => left + right,
	"-": (left, right) => left - right,
	"*": (left, right) => left * right,
	"/": (left, right) => left / right,
	"^": (left, right) => left ** right,
};

/**
 * What an operator makes of two values.
 *
 * AWS: where only one of two series has a data point, the other's is taken for 0; a division by zero drops the data point (CloudWatch
 * guide, "Basic arithmetic functions", "Comparison and logical operators").
 *
 * @throws {ExpressionError} for two arrays, which AWS does not combine, and for series of different periods.
 */
export function operate(operator: BinaryOperator, left: MathValue, right: MathValue): MathValue {
	const apply = OPERATORS[operator];
	// A scalar of no data points makes none.
	const of = (one: number, other: number) => (Number.isNaN(one) || Number.isNaN(other) ? NaN : finite(apply(one, other)));
	if (isScalar(left)) {
		if (isScalar(right)) return of(left, right);
		return eachOf(right, (series) => mapValues(series, (value) => of(left, value)));
	}
	if (isScalar(right)) return eachOf(left, (series) => mapValues(series, (value) => of(value, right)));
	if (isArray(left) && isArray(right)) {
		throw new ExpressionError(
			`${operator} stands between two arrays of time series. Make a time series of one of them, with SUM for example`,
		);
	}
	if (isArray(left)) return left.map((series) => combined(series, right as TimeSeries, of, series));
	return eachOf(right, (series) => combined(left, series, of, isArray(right) ? series : left));
}

/** Does the same with a series, or with each series of an array. */
export function eachOf(value: TimeSeries | readonly TimeSeries[], change: (series: TimeSeries) => TimeSeries): MathValue {
	return isArray(value) ? value.map(change) : change(value);
}

function combined(
	left: TimeSeries,
	right: TimeSeries,
	apply: (left: number, right: number) => number,
	named: Pick<TimeSeries, "label" | "grid">,
): TimeSeries {
	checkOnePeriod([left, right]);
	const values = left.values.map((one, index) => {
		const other = right.values[index]!;
		if (Number.isNaN(one)) return Number.isNaN(other) ? NaN : apply(0, other);
		return apply(one, Number.isNaN(other) ? 0 : other);
	});
	return computed(named, values);
}
