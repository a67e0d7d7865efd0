// Metric math, computed: pure, and bounded in how much it computes.

import type { Expression } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { callFunction } from "./functions.ts";
import type { MathScope } from "./math-scope.ts";
import { isScalar, mapValues, type MathValue } from "./math-value.ts";
import { eachOf, operate } from "./operators.ts";

/** Computes an expression. @throws {ExpressionError} for what AWS does not compute, or we don't, or not so much. */
export function evaluate(expression: Expression, scope: MathScope): MathValue {
	const value = valueOf(expression, scope);
	if (expression.kind !== "name") scope.spend(sizeOf(value));
	return value;
}

function valueOf(expression: Expression, scope: MathScope): MathValue {
	switch (expression.kind) {
		case "number":
			return expression.value;
		case "text":
			throw new ExpressionError(`the text '${expression.text}' stands where a value should`);
		case "name":
			return valueOfName(expression.name, scope);
		case "array":
			return expression.items.flatMap((item) => {
				const value = evaluate(item, scope);
				if (isScalar(value)) throw new ExpressionError("an array is of time series: a number stands in one");
				return value;
			});
		case "negative": {
			const value = evaluate(expression.operand, scope);
			return isScalar(value) ? -value : eachOf(value, (series) => mapValues(series, (each) => -each));
		}
		case "binary": {
			const left = evaluate(expression.left, scope);
			const right = evaluate(expression.right, scope);
			return operate(expression.operator, left, right);
		}
		case "call":
			return callFunction(expression, scope, (operand) => {
				const value = evaluate(operand, scope);
				scope.spend(sizeOf(value));
				return value;
			});
	}
}

function valueOfName(name: string, { valueOf }: MathScope): MathValue {
	const value = valueOf(name);
	if (value === undefined) throw new ExpressionError(`no query has the id '${name}'`);
	return value;
}

function sizeOf(value: MathValue): number {
	if (isScalar(value)) return 1;
	const series = [value].flat();
	return series.reduce((sum, { values }) => sum + values.length, 1);
}
