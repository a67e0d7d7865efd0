// What an expression of metric math is made of.

/** An expression, taken apart. */
export type Expression =
	| { readonly kind: "number"; readonly value: number }
	| { readonly kind: "text"; readonly text: string }
	/** The id of a query, or a word such as REPEAT. */
	| { readonly kind: "name"; readonly name: string }
	| { readonly kind: "array"; readonly items: readonly Expression[] }
	| { readonly kind: "negative"; readonly operand: Expression }
	| { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
	| FunctionCall;

export interface FunctionCall {
	readonly kind: "call";
	readonly name: string;
	readonly operands: readonly Expression[];
}

export type BinaryOperator = (typeof PRECEDENCE)[number][number];

/** AWS: operators of metric math (CloudWatch guide, "Metric math syntax and functions"), those that bind least first. */
export const PRECEDENCE = [["OR"], ["AND"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/"], ["^"]] as const;

/** Every part of an expression, itself included. */
export function partsOf(expression: Expression): readonly Expression[] {
	const parts: Expression[] = [expression];
	// What is appended meanwhile is visited, too: no recursion, whatever the depth.
	for (const part of parts) parts.push(...innerOf(part));
	return parts;
}

function innerOf(expression: Expression): readonly Expression[] {
	switch (expression.kind) {
		case "array":
			return expression.items;
		case "negative":
			return [expression.operand];
		case "binary":
			return [expression.left, expression.right];
		case "call":
			return expression.operands;
		case "number":
		case "text":
		case "name":
			return [];
	}
}
