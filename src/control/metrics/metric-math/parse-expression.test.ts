import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BinaryOperator, type Expression, partsOf } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { parseExpression } from "./parse-expression.ts";

/** An expression with all its parentheses. */
function shown(expression: Expression): string {
	switch (expression.kind) {
		case "number":
			return String(expression.value);
		case "text":
			return JSON.stringify(expression.text);
		case "name":
			return expression.name;
		case "array":
			return `[${expression.items.map(shown).join(", ")}]`;
		case "negative":
			return `(-${shown(expression.operand)})`;
		case "binary":
			return `(${shown(expression.left)} ${expression.operator} ${shown(expression.right)})`;
		case "call":
			return `${expression.name}(${expression.operands.map(shown).join(", ")})`;
	}
}

function parsed(text: string): string {
	return shown(parseExpression(text));
}

test("operators bind as in mathematics", () => {
	const cases = {
		"m1+m2*m3": "(m1 + (m2 * m3))",
		"m1-m2-m3": "((m1 - m2) - m3)",
		"m1/m2*100": "((m1 / m2) * 100)",
		"2^3^2": "(2 ^ (3 ^ 2))",
		"-m1^2": "(-(m1 ^ 2))",
		"2^-m1": "(2 ^ (-m1))",
		"-5*m1": "((-5) * m1)",
		"--m1": "(-(-m1))",
		"(m1+m2)*m3": "((m1 + m2) * m3)",
		"m1 > 15 AND m2 > 15 || m3": "(((m1 > 15) AND (m2 > 15)) OR m3)",
		"m1+1 >= 30 && m2": "(((m1 + 1) >= 30) AND m2)",
		"m1==m2 != m3": "((m1 == m2) != m3)",
	};
	assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, parsed(text)])), cases);
});

test("numbers, texts, arrays and calls are read", () => {
	assert.equal(parsed(' SUM( [ m1, METRICS( "errors" ) ] ) / 1.5e3 '), '(SUM([m1, METRICS("errors")]) / 1500)');
	assert.equal(parsed("FILL(m1, REPEAT)"), "FILL(m1, REPEAT)");
	assert.equal(parsed(".5"), "0.5");
	assert.equal(parsed("METRICS()"), "METRICS()");
	const search = `SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', 300)`;
	assert.equal(parsed(search), `SEARCH("{AWS/EC2,InstanceId} MetricName=\\"MetadataNoToken\\"", "Sum", 300)`);
});

test("a mistake is told with its place", () => {
	const told = (text: string) => {
		try {
			return parsed(text);
		} catch (error) {
			assert.ok(error instanceof ExpressionError);
			return error.message;
		}
	};
	assert.equal(told("m1 + "), "it ends where a number, an id, a function or ( should follow");
	assert.equal(told("m1 m2"), "'m2' at character 4 stands where an operator should");
	assert.equal(told("SUM(m1"), "it ends where ) should follow");
	assert.equal(told("m1 + 'x"), "the text that begins at character 6 has no closing quote");
	assert.equal(told("m1 % m2"), "'% m2' at character 4 is not part of an expression");
	assert.equal(told(""), "it ends where a number, an id, a function or ( should follow");
	assert.equal(told(`${"m1+".repeat(683)}m1`), "it has 2051 characters; allowed: at most 2048");
	assert.equal(told(`${"(".repeat(100)}m1${")".repeat(100)}`), "it is nested more than 32 deep");
	assert.equal(told("-".repeat(1_000) + "1"), "it is nested more than 32 deep");
	assert.equal(told("1" + "^1".repeat(1_000)), "it is nested more than 32 deep");
});

test("whatever the text, it is an expression or an ExpressionError", () => {
	const words = ["m1", "SUM", "(", ")", "[", "]", ",", "+", "-", "*", "/", "^", "<", "==", "AND", "'", '"', "1", ".5", " ", "é", "\0"];
	const texts = fc.oneof(
		fc.string(),
		fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join("")),
	);
	fc.assert(
		fc.property(texts, (text) => {
			try {
				partsOf(parseExpression(text));
			} catch (error) {
				assert.ok(error instanceof ExpressionError, String(error));
			}
		}),
	);
});

test("what is written with all its parentheses is read as the same", () => {
	const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
		expression: fc.oneof(
			{ maxDepth: 4 },
			fc.nat().map((value): Expression => ({ kind: "number", value })),
			fc.constantFrom("m1", "e2", "x_y").map((name): Expression => ({ kind: "name", name })),
			tie("expression").map((operand): Expression => ({ kind: "negative", operand })),
			fc
				.tuple(
					fc.constantFrom<BinaryOperator[]>("+", "-", "*", "/", "^", "<", ">=", "==", "AND", "OR"),
					tie("expression"),
					tie("expression"),
				)
				.map(([operator, left, right]): Expression => ({ kind: "binary", operator, left, right })),
			fc.array(tie("expression"), { maxLength: 3 }).map((operands): Expression => ({ kind: "call", name: "SUM", operands })),
			fc.array(tie("expression"), { maxLength: 3 }).map((items): Expression => ({ kind: "array", items })),
		),
	}));
	fc.assert(
		fc.property(expression, (expression) => {
			const text = shown(expression);
			fc.pre(text.length <= 2_048);
			assert.deepEqual(parseExpression(text), expression);
		}),
	);
});

test("the longest expressions are read at once", () => {
	const texts = [
		"m+".repeat(1_023) + "m",
		"SUM(".repeat(500),
		"[".repeat(2_048),
		'"'.repeat(2_047),
		" ".repeat(2_048),
		"((".repeat(16) + "1",
	];
	for (const text of texts) {
		try {
			// Left-deep: a thousand operators are no depth.
			assert.ok(partsOf(parseExpression(text)).length >= 1);
		} catch (error) {
			assert.ok(error instanceof ExpressionError, String(error));
		}
	}
});
