// What metric math computes with. AWS: S, TS and TS[] (CloudWatch guide, "Metric math syntax and functions").

import type { TimeSeries } from "../time-series.ts";
import { ExpressionError } from "./expression-error.ts";

/** A scalar, a time series, or an array of time series. A scalar that is NaN is that of a series without data points. */
export type MathValue = number | TimeSeries | readonly TimeSeries[];

export function isScalar(value: MathValue): value is number {
	return typeof value === "number";
}

export function isArray(value: MathValue): value is readonly TimeSeries[] {
	return Array.isArray(value);
}

/** "a number", "a time series", "an array of time series": for messages. */
export function typeOf(value: MathValue): string {
	if (isScalar(value)) return "a number";
	return isArray(value) ? "an array of time series" : "a time series";
}

/** A series of what a function makes of each data point; results that are no numbers are dropped, as AWS drops a division by zero. */
export function mapValues(series: TimeSeries, change: (value: number, index: number) => number): TimeSeries {
	return computed(
		series,
		series.values.map((value, index) => (Number.isNaN(value) ? NaN : finite(change(value, index)))),
	);
}

/** A series of values that were computed of another's. */
export function computed({ label, grid }: Pick<TimeSeries, "label" | "grid">, values: Float64Array): TimeSeries {
	return { label, grid, values };
}

export function finite(value: number): number {
	return Number.isFinite(value) ? value : NaN;
}

/**
 * Gap: AWS brings series of different periods together; here they are refused.
 *
 * @throws {ExpressionError} for series that differ in their periods.
 */
export function checkOnePeriod(series: readonly TimeSeries[]): void {
	const periods = new Set(series.map(({ grid }) => grid.periodSeconds));
	if (periods.size > 1) {
		throw new ExpressionError(`it brings together series of different periods: ${[...periods].join(", ")} seconds. Give them one Period`);
	}
}
