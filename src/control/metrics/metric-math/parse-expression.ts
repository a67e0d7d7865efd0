// Metric math, read: by recursive descent, with a bound on how deep.

import { type BinaryOperator, type Expression, PRECEDENCE } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** AWS: characters of an expression (CloudWatch API reference, MetricDataQuery). */
const LENGTH_MAX = 2_048;
/** Parentheses, brackets, calls and signs within each other. */
const DEPTH_MAX = 32;

/** Reads an expression. @throws {ExpressionError} for one that is not of the language, too long, or too deep. */
export function parseExpression(text: string): Expression {
	if (text.length > LENGTH_MAX) throw new ExpressionError(`it has ${text.length} characters; allowed: at most ${LENGTH_MAX}`);
	return new Parser(tokensOf(text)).whole();
}

class Parser {
	readonly #tokens: readonly Token[];
	#next = 0;
	#depth = 0;

	constructor(tokens: readonly Token[]) {
		this.#tokens = tokens;
	}

	whole(): Expression {
		const expression = this.#binary(0);
		if (this.#next < this.#tokens.length) throw this.#unexpected("an operator");
		return expression;
	}

	#binary(level: number): Expression {
		const operators: readonly BinaryOperator[] | undefined = PRECEDENCE[level];
		if (operators === undefined) return this.#primary();
		// AWS: doesn't say how a sign and a power go together; here as in mathematics, -2^2 is -4.
		if (operators.includes("^")) return this.#power();
		let left = this.#binary(level + 1);
		for (;;) {
			const operator = operators.find((each) => this.#isOperator(each));
			if (operator === undefined) return left;
			this.#next++;
			left = { kind: "binary", operator, left, right: this.#binary(level + 1) };
		}
	}

	#power(): Expression {
		if (this.#take("-")) return this.#deeper(() => ({ kind: "negative", operand: this.#power() }));
		const base = this.#primary();
		if (!this.#take("^")) return base;
		return this.#deeper(() => ({ kind: "binary", operator: "^", left: base, right: this.#power() }));
	}

	#primary(): Expression {
		const token = this.#tokens[this.#next];
		if (token === undefined) throw this.#unexpected("a number, an id, a function or (");
		this.#next++;
		if (token.kind === "number") return { kind: "number", value: Number(token.text) };
		if (token.kind === "text") return { kind: "text", text: token.text };
		if (token.kind === "name") {
			if (!this.#take("(")) return { kind: "name", name: token.text };
			return { kind: "call", name: token.text, operands: this.#listUntil(")") };
		}
		if (token.text === "[") return { kind: "array", items: this.#listUntil("]") };
		if (token.text === "(") {
			const inner = this.#deeper(() => this.#binary(0));
			this.#expect(")");
			return inner;
		}
		this.#next--;
		throw this.#unexpected("a number, an id, a function or (");
	}

	#listUntil(end: ")" | "]"): readonly Expression[] {
		const items: Expression[] = [];
		if (this.#take(end)) return items;
		do items.push(this.#deeper(() => this.#binary(0)));
		while (this.#take(","));
		this.#expect(end);
		return items;
	}

	#isOperator(operator: BinaryOperator): boolean {
		const { kind, text } = this.#tokens[this.#next] ?? {};
		if (kind === "name") return text === operator && (operator === "AND" || operator === "OR");
		return kind === "sign" && (text === operator || (text === "&&" && operator === "AND") || (text === "||" && operator === "OR"));
	}

	#take(sign: string): boolean {
		const { kind, text } = this.#tokens[this.#next] ?? {};
		if (kind !== "sign" || text !== sign) return false;
		this.#next++;
		return true;
	}

	#expect(sign: string): void {
		if (!this.#take(sign)) throw this.#unexpected(sign);
	}

	#deeper<T>(read: () => T): T {
		if (++this.#depth > DEPTH_MAX) throw new ExpressionError(`it is nested more than ${DEPTH_MAX} deep`);
		const result = read();
		this.#depth--;
		return result;
	}

	#unexpected(wanted: string): ExpressionError {
		const token = this.#tokens[this.#next];
		if (token === undefined) return new ExpressionError(`it ends where ${wanted} should follow`);
		return new ExpressionError(`'${token.text}' at character ${token.at} stands where ${wanted} should`);
	}
}
