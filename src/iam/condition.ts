import { isObject, shown } from "./json-value.ts";
import { OPERATORS } from "./operators.ts";
import { booleanOf } from "./typed-value.ts";
import type { Context } from "./variables.ts";

/** One key of a `Condition` block, under its operator. */
export interface Condition {
	/** As in {@link OPERATORS}, or `Null`. */
	readonly operator: string;
	readonly qualifier: "ForAllValues" | "ForAnyValue" | undefined;
	readonly ifExists: boolean;
	/** In its own spelling. */
	readonly key: string;
	readonly values: readonly string[];
}

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s;

/**
 * Whether a request meets a condition (control-apis.md §3.4).
 *
 * A positive operator wants one value of the request to meet it, a negated one and `ForAllValues:` want all of them to. What is said of an
 * absent key follows from that: it has no value, so all of none meet it, and not one does.
 *
 * AWS: a key with several values is to have `ForAllValues:` or `ForAnyValue:`, but policies in AWS's own guides leave it out
 * (control-apis.md §3.3, P2′).
 */
export function conditionHolds(condition: Condition, context: Context, variables: Context | undefined): boolean {
	const requested = context.get(condition.key.toLowerCase()) ?? [];
	if (condition.operator === "Null") return condition.values.some((value) => booleanOf(value) === (requested.length === 0));
	if (condition.ifExists && requested.length === 0) return true;

	const operator = OPERATORS.get(condition.operator);
	if (operator === undefined) throw new Error(`the parser let ${shown(condition.operator)} pass`);
	const comparisons = condition.values.map((value) => operator.comparison(value, variables));
	const meets = (value: string) => {
		const results = comparisons.map((compare) => compare(value));
		return !results.includes(undefined) && results.includes(true) !== operator.negated;
	};
	const all = condition.qualifier === undefined ? operator.negated : condition.qualifier === "ForAllValues";
	return all ? requested.every(meets) : requested.some(meets);
}

/**
 * Reads a statement's `Condition`.
 *
 * @param place where it stands, for the errors: `Statement[1] (Sid "P1"), Condition`
 * @param errors gets what is wrong with it
 */
export function parseConditions(block: unknown, place: string, errors: string[]): readonly Condition[] {
	if (block === undefined) return [];
	if (!isObject(block)) {
		errors.push(`${place}: ${shown(block)} is no map; allowed: operators, such as {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}`);
		return [];
	}
	return Object.entries(block).flatMap(([name, keys]) => parseOperator(name, keys, `${place}.${name}`, errors));
}

function parseOperator(name: string, keys: unknown, place: string, errors: string[]): readonly Condition[] {
	const [, qualifier, operator = "", ifExists] = OPERATOR.exec(name) ?? [];
	if (operator === "Null" ? ifExists !== undefined : !OPERATORS.has(operator)) {
		errors.push(
			`${place}: is not a condition operator; allowed: ${[...OPERATORS.keys()].join(", ")}, with IfExists or without, and Null; ` +
				"before them ForAllValues: or ForAnyValue:",
		);
		return [];
	}
	if (!isObject(keys)) {
		errors.push(`${place}: ${shown(keys)} is no map; allowed: condition keys and values, such as {"aws:RequestedRegion": "us-east-1"}`);
		return [];
	}
	return Object.entries(keys).map(([key, values]) => ({
		operator,
		qualifier: qualifier as Condition["qualifier"],
		ifExists: ifExists !== undefined,
		key: parseKey(key, place, errors),
		values: parseValues(operator, values, `${place}.${key}`, errors),
	}));
}

function parseKey(key: string, place: string, errors: string[]): string {
	// AWS: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc." (moto, iam/policy_validation.py).
	if (!/^[^:]+:./s.test(key))
		errors.push(`${place}: ${shown(key)} is not a condition key; allowed: a prefix and a name, such as aws:SourceIp`);
	return key;
}

function parseValues(operator: string, values: unknown, place: string, errors: string[]): readonly string[] {
	return (Array.isArray(values) ? (values as readonly unknown[]) : [values]).map((value) => {
		const { allowedValues, allows } = OPERATORS.get(operator) ?? { allowedValues: "true or false", allows: isBoolean };
		const scalar = typeof value === "string" || typeof value === "boolean" || typeof value === "number";
		if (!scalar || !allows(String(value)))
			errors.push(`${place}: ${shown(value)} is not allowed; allowed: ${allowedValues}, or a list of it`);
		return scalar ? String(value) : "";
	});
}

function isBoolean(text: string): boolean {
	return booleanOf(text) !== undefined;
}
