import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionHolds, parseConditions } from "./condition.ts";
import { OPERATORS } from "./operators.ts";

const ARN = "arn:aws:iam::123456789012:role/team/builder";

interface Example {
	/** In the policy. */
	readonly allowed: unknown;
	/** Values of the request that the comparison finds, and that it does not; whether the operator is met is another matter. */
	readonly found: readonly string[];
	readonly others: readonly string[];
	/** Not of the operator's type: they meet neither it nor its negation. */
	readonly foreign?: readonly string[];
}

const EQUAL_TEXTS: Example = { allowed: ["Red", "b*e"], found: ["Red", "b*e"], others: ["red", "RED", "", "blue", "Re", "green"] };
const EQUAL_IN_ANY_CASE: Example = { allowed: ["Red", "b*e"], found: ["Red", "rED", "B*E"], others: ["", "blue", "re", "green"] };
const ALIKE_TEXTS: Example = { allowed: ["Re?", "b*e"], found: ["Red", "Rep", "be", "b:/e", "b*e"], others: ["red", "Re", "Bee", ""] };
const EQUAL_NUMBERS: Example = {
	allowed: ["2", 3.5],
	found: ["2", "2.0", "02", "3.50"],
	others: ["3", "-2", "2.01"],
	foreign: ["two", "", "0x2"],
};
const EQUAL_DATES: Example = {
	allowed: ["2026-01-31T12:00:00Z", "86400"],
	found: ["2026-01-31T12:00:00Z", "2026-01-31T14:00:00.000+02:00", "1769860800", "1970-01-02"],
	others: ["2026-01-31T12:00:01Z", "2026", "0"],
	foreign: ["today", "", "2026-1-1"],
};
const ADDRESSES: Example = {
	allowed: ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"],
	found: ["203.0.113.9", "2001:DB8:1::", "198.51.100.7", "::ffff:203.0.113.9"],
	others: ["203.0.114.9", "2001:db9::", "198.51.100.8"],
	foreign: ["", "localhost", "203.0.113.0/24"],
};
const ARNS: Example = {
	allowed: ["arn:aws:iam::*:role/*/build?r", "arn:aws:sns:*:*:topic:*"],
	found: [ARN, "arn:aws:iam::1:role/a/b/builder", "arn:aws:sns:::topic:a:b"],
	others: [
		"arn:aws:iam::1:2:role/a/builder",
		"arn:aws:iam:us-east-1:1:role/a/builder",
		"ARN:aws:iam::1:role/a/builder",
		"builder",
		"*",
		"",
	],
};

const EXAMPLES: Readonly<Record<string, Example>> = {
	StringEquals: EQUAL_TEXTS,
	StringNotEquals: EQUAL_TEXTS,
	StringEqualsIgnoreCase: EQUAL_IN_ANY_CASE,
	StringNotEqualsIgnoreCase: EQUAL_IN_ANY_CASE,
	StringLike: ALIKE_TEXTS,
	StringNotLike: ALIKE_TEXTS,
	NumericEquals: EQUAL_NUMBERS,
	NumericNotEquals: EQUAL_NUMBERS,
	NumericLessThan: { allowed: "2.0", found: ["1", "1.99", "-3"], others: ["2", "2.0", "3"], foreign: ["one"] },
	NumericLessThanEquals: { allowed: 2, found: ["1", "2", "2.0"], others: ["2.1", "10"], foreign: [""] },
	NumericGreaterThan: { allowed: "2", found: ["2.1", "10"], others: ["2", "1"], foreign: ["ten"] },
	NumericGreaterThanEquals: { allowed: "2", found: ["2", "10"], others: ["1.99"], foreign: ["ten"] },
	DateEquals: EQUAL_DATES,
	DateNotEquals: EQUAL_DATES,
	DateLessThan: {
		allowed: "2026-02-01",
		found: ["2026-01-31T23:59:59Z", "0"],
		others: ["2026-02-01T00:00:00Z", "2027"],
		foreign: ["soon"],
	},
	DateLessThanEquals: { allowed: "2026-02-01", found: ["2026-02-01T00:00Z"], others: ["2026-02-01T00:00:01Z"], foreign: ["soon"] },
	DateGreaterThan: { allowed: "2026-02-01", found: ["2026-02-01T00:00:01Z"], others: ["2026-02-01T00:00:00Z"], foreign: ["soon"] },
	DateGreaterThanEquals: { allowed: "2026-02-01", found: ["2026-02-01"], others: ["2026-01-31T23:59:59Z"], foreign: ["soon"] },
	Bool: { allowed: true, found: ["true", "True"], others: ["false"], foreign: ["1", "yes", ""] },
	BinaryEquals: { allowed: "QUI=", found: ["QUI="], others: ["QUJD", ""], foreign: ["AB"] },
	IpAddress: ADDRESSES,
	NotIpAddress: ADDRESSES,
	ArnEquals: ARNS,
	ArnNotEquals: ARNS,
	ArnLike: ARNS,
	ArnNotLike: ARNS,
};

/** Whether a request with these values for `k:key` meets the operator; undefined: it has no such key. */
function holds(operator: string, allowed: unknown, requested: readonly string[] | undefined): boolean {
	const errors: string[] = [];
	const [condition] = parseConditions({ [operator]: { "K:Key": allowed } }, "Condition", errors);
	assert.deepEqual(errors, []);
	assert.ok(condition);
	const context = new Map(requested === undefined ? [] : [["k:key", requested]]);
	return conditionHolds(condition, context, context);
}

const examples = Object.entries(EXAMPLES).map(([operator, example]) => ({ operator, negated: operator.includes("Not"), ...example }));

test("every operator has its examples", () => {
	assert.deepEqual(Object.keys(EXAMPLES), [...OPERATORS.keys()]);
});

test("an operator is met by the values it looks for, a negated one by all others", () => {
	for (const { operator, negated, allowed, found, others } of examples) {
		for (const suffix of ["", "IfExists"]) {
			for (const value of found) assert.equal(holds(operator + suffix, allowed, [value]), !negated, `${operator}${suffix}: ${value}`);
			for (const value of others) assert.equal(holds(operator + suffix, allowed, [value]), negated, `${operator}${suffix}: ${value}`);
		}
	}
});

test("a value of another type meets neither an operator nor its negation", () => {
	for (const { operator, allowed, foreign = [] } of examples) {
		for (const qualified of [operator, `${operator}IfExists`, `ForAllValues:${operator}`, `ForAnyValue:${operator}`]) {
			for (const value of foreign) assert.equal(holds(qualified, allowed, [value]), false, `${qualified}: ${value}`);
		}
	}
});

test("an absent key meets negated operators, IfExists and ForAllValues, and nothing else; so does one without values", () => {
	for (const { operator, negated, allowed } of examples) {
		for (const requested of [undefined, []]) {
			assert.equal(holds(operator, allowed, requested), negated, operator);
			assert.equal(holds(`${operator}IfExists`, allowed, requested), true, operator);
			assert.equal(holds(`ForAllValues:${operator}`, allowed, requested), true, operator);
			assert.equal(holds(`ForAnyValue:${operator}`, allowed, requested), false, operator);
			assert.equal(holds(`ForAnyValue:${operator}IfExists`, allowed, requested), true, operator);
		}
	}
});

test("of several values, one must meet a positive operator and all a negated one", () => {
	for (const { operator, negated, allowed, found, others } of examples) {
		const mixed = [others[0] ?? "", found[0] ?? ""];
		assert.equal(holds(operator, allowed, mixed), !negated, operator);
		assert.equal(holds(operator, allowed, mixed.toReversed()), !negated, operator);
		assert.equal(holds(operator, allowed, others), negated, operator);
		assert.equal(holds(operator, allowed, found), !negated, operator);
	}
});

test("ForAllValues asks each value of the request, ForAnyValue for one of them", () => {
	for (const { operator, negated, allowed, found, others } of examples) {
		const mixed = [others[0] ?? "", found[0] ?? ""];
		assert.equal(holds(`ForAllValues:${operator}`, allowed, mixed), false, operator);
		assert.equal(holds(`ForAnyValue:${operator}`, allowed, mixed), true, operator);
		assert.equal(holds(`ForAllValues:${operator}`, allowed, negated ? others : found), true, operator);
		assert.equal(holds(`ForAnyValue:${operator}`, allowed, negated ? found : others), false, operator);
	}
});

test("Null is met by the absence of a key, or by its presence", () => {
	for (const [allowed, whenAbsent, whenPresent] of [
		["true", true, false],
		["false", false, true],
		[true, true, false],
		["False", false, true],
		[["true", "false"], true, true],
	] as const) {
		assert.equal(holds("Null", allowed, undefined), whenAbsent, String(allowed));
		assert.equal(holds("Null", allowed, []), whenAbsent, String(allowed));
		assert.equal(holds("Null", allowed, [""]), whenPresent, String(allowed));
		assert.equal(holds("Null", allowed, ["a", "b"]), whenPresent, String(allowed));
	}
});

test("a variable without a value equals nothing: positive operators fail, negated ones are met", () => {
	for (const operator of ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"]) {
		const negation = operator.replace(/^String|^Arn/, "$&Not");
		assert.equal(holds(operator, ["${k:absent}"], ["${k:absent}"]), false, operator);
		assert.equal(holds(negation, ["${k:absent}"], ["${k:absent}"]), true, negation);
		assert.equal(holds(operator, ["${k:key}"], [ARN]), true, operator);
		assert.equal(holds(negation, ["${k:key}"], [ARN]), false, negation);
	}
});

test("a Turkish or German letter equals itself when case is ignored", () => {
	for (const letter of ["İ", "ı", "ß", "É"]) assert.equal(holds("StringEqualsIgnoreCase", letter, [letter]), true, letter);
});
