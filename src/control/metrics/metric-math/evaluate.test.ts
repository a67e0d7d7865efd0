import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { TimeSeries } from "../time-series.ts";
import { evaluate } from "./evaluate.ts";
import { ExpressionError } from "./expression-error.ts";
import type { MathScope } from "./math-scope.ts";
import { isScalar, type MathValue } from "./math-value.ts";
import { parseExpression } from "./parse-expression.ts";

/** `-` in the guide's tables: no data point. */
const _ = NaN;
// 2026-11-22 was a Sunday.
const FROM = Date.parse("2026-11-22T23:58:00Z");

function series(values: readonly number[], label = "", periodSeconds = 60): TimeSeries {
	const grid = { fromMs: FROM, periodSeconds, stepMs: periodSeconds * 1000, length: values.length };
	return { label, grid, values: Float64Array.from(values) };
}

type Given = Readonly<Record<string, readonly number[] | TimeSeries>>;

function scopeOf(given: Given): MathScope {
	const metrics = Object.entries(given).map(([id, values]) => ({ id, series: "grid" in values ? values : series(values, id) }));
	const found = metrics.map(({ series }) => series);
	const { grid } = series(found[0] === undefined ? [0, 0] : [...found[0].values]);
	return { valueOf: (id) => metrics.find((each) => each.id === id)?.series, metrics, found: () => found, grid, spend() {} };
}

function computed(text: string, given: Given): MathValue {
	return evaluate(parseExpression(text), scopeOf(given));
}

/** The values of an expression: of a number itself, of a series an array, of an array an array of them. */
function values(text: string, given: Given): unknown {
	const value = computed(text, given);
	if (isScalar(value)) return value;
	const told = [value].flat().map(({ values }) => [...values]);
	return Array.isArray(value) ? told : told[0];
}

function refusal(text: string, given: Given = {}): string {
	try {
		computed(text, given);
	} catch (error) {
		assert.ok(error instanceof ExpressionError, String(error));
		return error.message;
	}
	return "not refused";
}

describe("operators", () => {
	test("a series and a number are computed where the series has data", () => {
		assert.deepEqual(values("5*m1 + 1", { m1: [1, _, 3] }), [6, _, 16]);
		assert.deepEqual(values("100/m1", { m1: [4, 0, _] }), [25, _, _]);
		assert.deepEqual(values("-m1", { m1: [4, _] }), [-4, _]);
		assert.deepEqual(values("2^m1", { m1: [3, _] }), [8, _]);
	});

	test("of two series what is missing in one alone is 0", () => {
		assert.deepEqual(values("m1+m2", { m1: [1, _, 3, _], m2: [10, 20, _, _] }), [11, 20, 3, _]);
		assert.deepEqual(values("m1-m2", { m1: [1, _], m2: [_, 2] }), [1, -2]);
		assert.deepEqual(values("m1/m2", { m1: [1, 1, _], m2: [_, 0, 4] }), [_, _, 0]);
	});

	test("comparisons are as in the guide's table", () => {
		const given = { m1: [30, 20, 0, 0], m2: [20, _, 20, _] };
		assert.deepEqual(values("(m1 < m2)", given), [0, 0, 1, 0]);
		assert.deepEqual(values("(m1 >= 30)", given), [1, 0, 0, 0]);
		assert.deepEqual(values("(m1 > 15 AND m2 > 15)", given), [1, 0, 0, 0]);
		assert.deepEqual(values("m1 == 0 || m1 == 30", given), [1, 0, 1, 1]);
	});

	test("an array is computed series by series", () => {
		const given = { m1: [1, 2], m2: [10, 20] };
		assert.deepEqual(values("METRICS()*100", given), [
			[100, 200],
			[1000, 2000],
		]);
		assert.deepEqual(values("[m1,m2]/m2", given), [
			[0.1, 0.1],
			[1, 1],
		]);
		assert.deepEqual(values("m2-[m1,m2]", given), [
			[9, 18],
			[0, 0],
		]);
		assert.deepEqual(values("SUM(100/[m1, m2])", given), [110, 55]);
		assert.deepEqual(values("-METRICS()", { m1: [1, _] }), [[-1, _]]);
		assert.match(refusal("[m1]+[m2]", given), /\+ stands between two arrays/);
	});

	test("series of different periods are not brought together", () => {
		const given = { m1: series([1]), m2: series([1], "", 300) };
		for (const text of ["m1+m2", "SUM([m1,m2])", "FILL(m1, m2)", "IF(m1, m2)", "MAX(METRICS())"]) {
			assert.match(refusal(text, given), /different periods: 60, 300 seconds/, text);
		}
	});
});

describe("functions", () => {
	test("of a series a reduction gives a number, of an array a series", () => {
		const given = { m1: [1, _, 6], m2: [3, _, 2] };
		const told = ["SUM", "AVG", "MIN", "MAX", "DATAPOINT_COUNT"].map((name) => [
			values(`${name}(m1)`, given),
			values(`${name}([m1,m2])`, given),
		]);
		assert.deepEqual(told, [
			[7, [4, _, 8]],
			[3.5, [2, _, 4]],
			[1, [1, _, 2]],
			[6, [3, _, 6]],
			[2, [2, _, 2]],
		]);
	});

	test("what is missing of one series is 0 to SUM and AVG, and no value to MIN and MAX", () => {
		const given = { m1: [4, _], m2: [_, -2] };
		assert.deepEqual(values("AVG(METRICS())", given), [2, -1]);
		assert.deepEqual(values("SUM(METRICS())", given), [4, -2]);
		assert.deepEqual(values("MIN(METRICS())", given), [4, -2]);
		assert.deepEqual(values("MAX(METRICS())", given), [4, -2]);
	});

	test("a series without data sums to 0, and has no average", () => {
		assert.equal(values("SUM(m1)", { m1: [_, _] }), 0);
		assert.deepEqual(values("TIME_SERIES(AVG(m1))", { m1: [_, _] }), [_, _]);
		assert.deepEqual(values("m2 - AVG(m1)", { m1: [_, _], m2: [1, 2] }), [_, _]);
		assert.deepEqual(values("SUM([])", { m1: [1, 2, 3] }), [_, _, _]);
	});

	test("METRICS gives the metrics whose ids hold a text", () => {
		const given = { errors1: [1], requests1: [10], errors2: [2] };
		assert.deepEqual(values('SUM(METRICS("errors"))/SUM(METRICS("requests"))*100', given), [30]);
		assert.deepEqual(values('METRICS("none")', given), []);
		assert.match(refusal("METRICS(errors1)", given), /METRICS takes nothing/);
	});

	test("FILL fills what is missing", () => {
		const given = { m1: [_, 2, _, _, 8, _], m2: [0, 1, 2, 3, 4, 5] };
		assert.deepEqual(values("FILL(m1, 0)", given), [0, 2, 0, 0, 8, 0]);
		assert.deepEqual(values("FILL(m1, REPEAT)", given), [_, 2, 2, 2, 8, 8]);
		assert.deepEqual(values("FILL(m1, LINEAR)", given), [_, 2, 4, 6, 8, _]);
		assert.deepEqual(values("FILL(m1, m2)", given), [0, 2, 2, 3, 8, 5]);
		assert.deepEqual(values("FILL(m1, MIN(m1))", given), [2, 2, 2, 2, 8, 2]);
		assert.deepEqual(values("FILL(METRICS(), 0)", { m1: [_], m2: [1] }), [[0], [1]]);
		assert.match(refusal("FILL(m1, NEXT)", given), /no query has the id 'NEXT'/);
		assert.match(refusal("FILL(m1)", given), /FILL takes 2 operands, and has 1/);
	});

	test("IF chooses as in the guide's tables", () => {
		const given = { metric1: [1, 1, 0, 0, _], metric2: [30, _, 0, 0, 30], metric3: [0, 0, 20, _, 20] };
		assert.deepEqual(values("IF(metric1, metric2, metric3)", given), [30, 0, 20, _, _]);
		assert.deepEqual(values("IF(metric1, 5, metric3)", given), [5, 5, 20, _, _]);
		assert.deepEqual(values("IF(metric1, metric2, 5)", given), [30, 0, 5, 5, _]);
		assert.deepEqual(values("IF(metric1, metric2)", given), [30, 0, _, _, _]);
		assert.deepEqual(values("IF(1, metric2, metric3)", given), [30, _, 0, 0, 30]);
		assert.deepEqual(values("IF(0, metric2, metric3)", given), [0, 0, 20, _, 20]);
		assert.deepEqual(values("IF(0, metric2)", given), [_, _, _, _, _]);
		assert.match(refusal("IF(METRICS(), 1, 0)", given), /IF takes a time series as operand 1, and has an array of time series/);
	});

	test("changes are told of data points and those before them", () => {
		const given = { m1: [1, _, 7, 4] };
		assert.deepEqual(values("DIFF(m1)", given), [_, _, 6, -3]);
		assert.deepEqual(values("DIFF_TIME(m1)", given), [_, _, 120, 60]);
		assert.deepEqual(values("RATE(m1)", given), [_, _, 0.05, -0.05]);
		assert.deepEqual(values("RUNNING_SUM(m1)", given), [1, _, 8, 12]);
	});

	test("values are rounded, made positive, and taken the logarithm of", () => {
		const given = { m1: [-1.5, _, 100] };
		assert.deepEqual(values("ABS(m1)", given), [1.5, _, 100]);
		assert.deepEqual(values("CEIL(m1)", given), [-1, _, 100]);
		assert.deepEqual(values("FLOOR(m1)", given), [-2, _, 100]);
		assert.deepEqual(values("LOG10(m1)", given), [_, _, 2]);
		assert.deepEqual(values("LOG(m1)", { m1: [0, 1] }), [_, 0]);
	});

	test("arrays are sorted, cut and counted", () => {
		const given = { m1: [3, 3], m2: [9, 1], m3: [_, _], m4: [1, 1] };
		assert.deepEqual(values("SORT(METRICS(), SUM, DESC, 2)", given), [
			[9, 1],
			[3, 3],
		]);
		assert.deepEqual(values("FIRST(SORT(METRICS(), MIN, ASC))", given), [9, 1]);
		assert.deepEqual(values("LAST(SORT(METRICS(), AVG, ASC))", given), [_, _]);
		assert.deepEqual(values("SLICE(METRICS(), 1, 2)", given), [[9, 1]]);
		assert.deepEqual(values("METRIC_COUNT(REMOVE_EMPTY(METRICS()))", given), 3);
		assert.match(refusal("SORT(METRICS(), STDDEV, DESC)", given), /SORT takes an array, AVG, MIN, MAX or SUM/);
	});

	test("times are those of the periods, in UTC, whether there are data or not", () => {
		const given = { m1: [_, 1, _] };
		assert.deepEqual(values("MINUTE(m1)", given), [58, 59, 0]);
		assert.deepEqual(values("HOUR(m1)", given), [23, 23, 0]);
		assert.deepEqual(values("DAY(m1)", given), [7, 7, 1]);
		assert.deepEqual(values("DATE(m1)", given), [22, 22, 23]);
		assert.deepEqual(values("MONTH(m1) + YEAR(m1)", given), [2037, 2037, 2037]);
		assert.deepEqual(
			values("EPOCH(m1)", given),
			[0, 60, 120].map((seconds) => FROM / 1000 + seconds),
		);
	});

	test("PERIOD is a series' period, and TIME_SERIES a series of a number", () => {
		assert.deepEqual(values("m1/PERIOD(m1)", { m1: [120, _] }), [2, _]);
		assert.deepEqual(values("TIME_SERIES(MAX(m1))", { m1: [3, _, 5] }), [5, 5, 5]);
	});

	test("a function that there isn't is named, with those that there are", () => {
		assert.match(
			refusal("ANOMALY_DETECTION_BAND(m1)", { m1: [1] }),
			/^Function 'ANOMALY_DETECTION_BAND' not found\. OpenIMDS has ABS, AVG,/,
		);
		assert.match(refusal("sum(m1)", { m1: [1] }), /^Function 'sum' not found/);
		assert.match(refusal("constructor(m1)", { m1: [1] }), /^Function 'constructor' not found/);
		assert.match(refusal("SUM(5)"), /SUM takes a time series, or an array of them, as operand 1, and has a number/);
		assert.match(refusal("SUM(m1, m2)", { m1: [1], m2: [1] }), /SUM takes 1 operand, and has 2/);
		assert.match(refusal("m9"), /no query has the id 'm9'/);
		assert.match(refusal("'x'+1"), /the text 'x' stands where a value should/);
		assert.match(refusal("[1]"), /an array is of time series/);
	});
});

test("what is computed is bounded", () => {
	let left = 100;
	const scope = scopeOf({ m1: Array.from({ length: 30 }, () => 1) });
	const spend = (count: number) => {
		left -= count;
		if (left < 0) throw new ExpressionError("too much");
	};
	assert.throws(() => evaluate(parseExpression("ABS(ABS(ABS(ABS(m1))))"), { ...scope, spend }), /too much/);
});

test("whatever the expression, it has a value for each period, or is refused by an ExpressionError", () => {
	const parts = [
		"m1",
		"m2",
		"3",
		"0",
		"METRICS()",
		"[m1,m2]",
		"FILL(m1,0)",
		"SUM(m2)",
		"AVG(METRICS())",
		"RATE(m1)",
		"SORT(METRICS(),AVG,ASC)",
	];
	const number = fc.oneof(fc.constant(NaN), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
	const { text } = fc.letrec<{ text: string }>((tie) => ({
		text: fc.oneof(
			{ maxDepth: 3 },
			fc.constantFrom(...parts),
			fc.tuple(tie("text"), fc.constantFrom("+", "-", "*", "/", "^", "<", "AND"), tie("text")).map((each) => `(${each.join(" ")})`),
			fc
				.tuple(fc.constantFrom("ABS", "DIFF", "RUNNING_SUM", "FLOOR", "LOG", "IF", "MAX", "FIRST"), tie("text"))
				.map(([name, of]) => `${name}(${of})`),
		),
	}));
	fc.assert(
		fc.property(
			text,
			fc.array(number, { minLength: 4, maxLength: 4 }),
			fc.array(number, { minLength: 4, maxLength: 4 }),
			(text, m1, m2) => {
				try {
					const value = computed(text, { m1, m2 });
					if (isScalar(value)) return;
					for (const { values, grid } of [value].flat()) assert.equal(values.length, grid.length);
				} catch (error) {
					assert.ok(error instanceof ExpressionError, String(error));
				}
			},
		),
	);
});
