// The functions of metric math (CloudWatch guide, "Functions supported for metric math"), by name.

import type { TimeSeries } from "../time-series.ts";
import type { Expression, FunctionCall } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { filled } from "./fill.ts";
import { chosen } from "./choose.ts";
import { differences, mapped, runningSum, timeOf } from "./series-functions.ts";
import type { MathScope } from "./math-scope.ts";
import { isArray, isScalar, type MathValue, typeOf } from "./math-value.ts";
import { type ReductionName, REDUCTIONS, reduced, reducedTo } from "./reduce.ts";

/** The operands of a call, by their places; each read as what the function takes. */
export interface Operands {
	readonly count: number;
	/** Any value. */
	value(index: number): MathValue;
	scalar(index: number): number;
	series(index: number): TimeSeries;
	array(index: number): readonly TimeSeries[];
	seriesOrArray(index: number): TimeSeries | readonly TimeSeries[];
	/** One of some words; `undefined` where something else stands there. */
	word<const Word extends string>(index: number, words: readonly Word[]): Word | undefined;
}

interface MathFunction {
	readonly min: number;
	readonly max: number;
	readonly apply: (operands: Operands, scope: MathScope) => MathValue;
}

/**
 * What a function makes of its operands.
 *
 * Gap: AWS has more functions, for anomalies, service quotas, Contributor Insights, databases and the deviation of values.
 *
 * @throws {ExpressionError} for a function that there isn't, and for operands that it does not take.
 */
export function callFunction(call: FunctionCall, scope: MathScope, evaluate: (operand: Expression) => MathValue): MathValue {
	const { name, operands } = call;
	if (name === "SEARCH") return scope.found(call);
	if (name === "METRICS") return metricsOf(operands, scope);
	if (!Object.hasOwn(FUNCTIONS, name)) {
		const known = ["SEARCH", "METRICS", ...Object.keys(FUNCTIONS)].sort();
		throw new ExpressionError(`Function '${name}' not found. OpenIMDS has ${known.join(", ")}`);
	}
	const { min, max, apply } = FUNCTIONS[name]!;
	if (operands.length < min || operands.length > max) {
		const allowed = min === max ? String(min) : `${min} to ${max}`;
		throw new ExpressionError(`${name} takes ${allowed} operand${allowed === "1" ? "" : "s"}, and has ${operands.length}`);
	}
	return apply(operandsOf(call, evaluate), scope);
}

const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
	...Object.fromEntries(
		(Object.keys(REDUCTIONS) as ReductionName[]).map((name) => [
			name,
			taking(1, 1, (operands, scope) => reduced(name, operands.seriesOrArray(0), scope.grid)),
		]),
	),
	ABS: mapping(Math.abs),
	CEIL: mapping(Math.ceil),
	FLOOR: mapping(Math.floor),
	LOG: mapping(Math.log),
	LOG10: mapping(Math.log10),
	DIFF: taking(1, 1, (operands) => differences(operands.seriesOrArray(0), (change) => change)),
	DIFF_TIME: taking(1, 1, (operands) => differences(operands.seriesOrArray(0), (_, seconds) => seconds)),
	RATE: taking(1, 1, (operands) => differences(operands.seriesOrArray(0), (change, seconds) => change / seconds)),
	RUNNING_SUM: taking(1, 1, (operands) => runningSum(operands.seriesOrArray(0))),
	FILL: taking(2, 2, (operands) => filled(operands.seriesOrArray(0), operands.word(1, ["REPEAT", "LINEAR"]) ?? fillerOf(operands))),
	IF: taking(2, 3, (operands, { grid }) =>
		chosen(
			{
				condition: scalarOrSeries(operands, 0),
				whenTrue: scalarOrSeries(operands, 1),
				whenFalse: operands.count > 2 ? scalarOrSeries(operands, 2) : undefined,
			},
			grid,
		),
	),
	METRIC_COUNT: taking(1, 1, (operands) => operands.array(0).length),
	PERIOD: taking(1, 1, (operands) => operands.series(0).grid.periodSeconds),
	TIME_SERIES: taking(1, 1, (operands, { grid }) => ({ label: "", grid, values: new Float64Array(grid.length).fill(operands.scalar(0)) })),
	REMOVE_EMPTY: taking(1, 1, (operands) => operands.array(0).filter(({ values }) => values.some((value) => !Number.isNaN(value)))),
	FIRST: taking(1, 1, (operands, scope) => operands.array(0).at(0) ?? emptySeries(scope)),
	LAST: taking(1, 1, (operands, scope) => operands.array(0).at(-1) ?? emptySeries(scope)),
	SLICE: taking(2, 3, (operands) => operands.array(0).slice(operands.scalar(1), operands.count > 2 ? operands.scalar(2) : undefined)),
	SORT: taking(3, 4, sorted),
	...Object.fromEntries(
		(["MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"] as const).map((part) => [
			part,
			taking(1, 1, (operands) => timeOf(operands.series(0), part)),
		]),
	),
};

function taking(min: number, max: number, apply: MathFunction["apply"]): MathFunction {
	return { min, max, apply };
}

function mapping(change: (value: number) => number): MathFunction {
	return taking(1, 1, (operands) => mapped(operands.seriesOrArray(0), change));
}

/** AWS: all metrics of the request, or those whose ids hold a text; expressions are none. */
function metricsOf(operands: readonly Expression[], { metrics }: MathScope): readonly TimeSeries[] {
	const [part] = operands;
	if (operands.length > 1 || (part !== undefined && part.kind !== "text")) {
		throw new ExpressionError("METRICS takes nothing, or one text in quotes that ids hold");
	}
	return metrics.filter(({ id }) => part === undefined || id.includes(part.text)).map(({ series }) => series);
}

function fillerOf(operands: Operands): number | TimeSeries {
	return scalarOrSeries(operands, 1);
}

function scalarOrSeries(operands: Operands, index: number): number | TimeSeries {
	const value = operands.value(index);
	return isScalar(value) ? value : operands.series(index);
}

/** AWS: series without data points are last; the order of equals is kept. */
function sorted(operands: Operands): readonly TimeSeries[] {
	const by = operands.word(1, ["AVG", "MIN", "MAX", "SUM"]);
	const order = operands.word(2, ["ASC", "DESC"]);
	if (by === undefined || order === undefined) throw new ExpressionError("SORT takes an array, AVG, MIN, MAX or SUM, and ASC or DESC");
	const limit = operands.count > 3 ? operands.scalar(3) : undefined;
	const keyed = operands.array(0).map((series) => ({ series, key: reducedTo(by, series) }));
	const sign = order === "ASC" ? 1 : -1;
	const rank = (key: number) => (Number.isNaN(key) ? Infinity : sign * key);
	// Two that are infinite have no difference.
	return keyed
		.sort((one, other) => Math.sign(rank(one.key) - rank(other.key)) || 0)
		.map(({ series }) => series)
		.slice(0, limit);
}

function emptySeries({ grid }: MathScope): TimeSeries {
	return { label: "", grid, values: new Float64Array(grid.length).fill(NaN) };
}

function operandsOf({ name, operands }: FunctionCall, evaluate: (operand: Expression) => MathValue): Operands {
	const values = new Map<number, MathValue>();
	const value = (index: number): MathValue => {
		const known = values.get(index) ?? evaluate(operands[index]!);
		values.set(index, known);
		return known;
	};
	const unfit = (index: number, wanted: string) =>
		new ExpressionError(`${name} takes ${wanted} as operand ${index + 1}, and has ${typeOf(value(index))}`);
	return {
		count: operands.length,
		value,
		scalar(index) {
			const scalar = value(index);
			if (!isScalar(scalar)) throw unfit(index, "a number");
			return scalar;
		},
		series(index) {
			const series = value(index);
			if (isScalar(series) || isArray(series)) throw unfit(index, "a time series");
			return series;
		},
		array(index) {
			const array = value(index);
			if (!isArray(array)) throw unfit(index, "an array of time series");
			return array;
		},
		seriesOrArray(index) {
			const either = value(index);
			if (isScalar(either)) throw unfit(index, "a time series, or an array of them,");
			return either;
		},
		word(index, words) {
			const operand = operands[index];
			return operand?.kind === "name" ? words.find((word) => word === operand.name) : undefined;
		},
	};
}
