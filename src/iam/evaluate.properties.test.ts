/**
 * The evaluator against another one that shares no line with it: it reads the JSON as it stands, makes regular expressions of patterns, and
 * says of each operator what IAM's guide says of it, one case after the other.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./policy.ts";

type Values = readonly string[];

interface Statement {
	readonly Effect: string;
	readonly Action?: Values;
	readonly NotAction?: Values;
	readonly Resource?: Values;
	readonly NotResource?: Values;
	readonly Condition: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

interface Document {
	readonly Version: string;
	readonly Statement: readonly Statement[];
}

interface Documents {
	readonly serviceControl: readonly (readonly Document[])[];
	readonly boundary: Document | undefined;
	readonly session: readonly Document[] | undefined;
	readonly identity: readonly Document[];
}

interface Request {
	readonly action: string;
	readonly resource: string;
	readonly context: Readonly<Record<string, Values>>;
}

/** "allowed", or "explicit identity" and the like. */
function naiveOutcome(request: Request, documents: Documents): string {
	const layers: (readonly [name: string, documents: readonly Document[]])[] = [];
	for (const level of documents.serviceControl) layers.push(["service-control", level]);
	if (documents.boundary !== undefined) layers.push(["boundary", [documents.boundary]]);
	if (documents.session !== undefined) layers.push(["session", documents.session]);
	layers.push(["identity", documents.identity]);
	const says = (effect: string, list: readonly Document[]) =>
		list.some((document) =>
			document.Statement.some((statement) => statement.Effect === effect && naiveMatch(request, statement, document.Version)),
		);
	for (const [name, list] of layers) if (says("Deny", list)) return `explicit ${name}`;
	for (const [name, list] of layers) if (!says("Allow", list)) return `implicit ${name}`;
	return "allowed";
}

function naiveMatch(request: Request, statement: Statement, version: string): boolean {
	const actionFits = (pattern: string) => expression(pattern, undefined)?.test(request.action.toLowerCase());
	if (statement.Action && !statement.Action.some((pattern) => actionFits(pattern.toLowerCase()))) return false;
	if (statement.NotAction?.some((pattern) => actionFits(pattern.toLowerCase()))) return false;

	const variables = version === "2012-10-17" ? request.context : undefined;
	const resourceFits = (pattern: string) => expression(sixParts(pattern), variables)?.test(request.resource);
	if (statement.Resource && !statement.Resource.some(resourceFits)) return false;
	if (statement.NotResource?.some(resourceFits)) return false;

	for (const [operator, keys] of Object.entries(statement.Condition)) {
		for (const [key, allowed] of Object.entries(keys))
			if (!naiveCondition(operator, valuesOf(request.context, key), allowed, variables)) return false;
	}
	return true;
}

function valuesOf(context: Request["context"], key: string): Values {
	for (const [name, values] of Object.entries(context)) if (name.toLowerCase() === key.toLowerCase()) return values;
	return [];
}

function naiveCondition(operator: string, requested: Values, allowed: Values, variables: Request["context"] | undefined): boolean {
	const absent = requested.length === 0;
	if (operator === "Null") return (allowed.includes("true") && absent) || (allowed.includes("false") && !absent);
	if (operator.endsWith("IfExists")) return absent || naiveCondition(operator.slice(0, -"IfExists".length), requested, allowed, variables);
	if (operator.startsWith("ForAllValues:")) {
		const rest = operator.slice("ForAllValues:".length);
		return requested.filter((value) => !naiveCondition(rest, [value], allowed, variables)).length === 0;
	}
	if (operator.startsWith("ForAnyValue:")) {
		const rest = operator.slice("ForAnyValue:".length);
		return requested.filter((value) => naiveCondition(rest, [value], allowed, variables)).length > 0;
	}
	const positive = operator.replace("Not", "");
	const pairs = requested.flatMap((value) => allowed.map((pattern) => naiveComparison(positive, value, pattern, variables)));
	if (positive === operator) return pairs.includes("yes");
	return absent || (!pairs.includes("yes") && !pairs.includes("incomparable"));
}

function naiveComparison(
	operator: string,
	value: string,
	pattern: string,
	variables: Request["context"] | undefined,
): "yes" | "no" | "incomparable" {
	const answer = (fits: boolean | undefined) => (fits === true ? "yes" : "no");
	if (operator === "StringEquals") return answer(expression(escapedWildcards(pattern, variables), variables ?? {})?.test(value));
	if (operator === "StringEqualsIgnoreCase") {
		const fits = expression(escapedWildcards(pattern, variables), variables ?? {});
		return answer(fits && new RegExp(fits.source, "is").test(value));
	}
	if (operator === "StringLike") return answer(expression(pattern, variables)?.test(value));
	if (operator === "ArnEquals" || operator === "ArnLike") {
		const patterns = splitArn(replaced(pattern, variables));
		const parts = splitArn(value);
		return answer(
			patterns.length === 6 && parts.length === 6 && patterns.every((part, index) => expression(part, {})?.test(parts[index] ?? "")),
		);
	}
	if (operator === "Bool") return value === "true" || value === "false" ? answer(value === pattern) : "incomparable";
	if (operator === "BinaryEquals") return /^([A-Za-z0-9]{4})*$/.test(value) ? answer(value === pattern) : "incomparable";
	if (operator === "IpAddress") {
		const [network = "", bits = "32"] = pattern.split("/");
		return /^\d+\.\d+\.\d+\.\d+$/.test(value)
			? answer(
					Math.floor(addressNumber(value) / 2 ** (32 - Number(bits))) === Math.floor(addressNumber(network) / 2 ** (32 - Number(bits))),
				)
			: "incomparable";
	}
	const isDate = operator.startsWith("Date");
	const [left, right] = isDate ? [seconds(value), seconds(pattern)] : [Number(value || "x"), Number(pattern)];
	if (Number.isNaN(left)) return "incomparable";
	if (operator.endsWith("LessThan")) return answer(left < right);
	if (operator.endsWith("LessThanEquals")) return answer(left <= right);
	if (operator.endsWith("GreaterThan")) return answer(left > right);
	if (operator.endsWith("GreaterThanEquals")) return answer(left >= right);
	return answer(left === right);
}

/** With variables replaced, and everything that must not be a wildcard any more written as a variable for it; undefined: one has no value. */
function replaced(pattern: string, variables: Request["context"] | undefined): string | undefined {
	if (variables === undefined) return pattern;
	let missing = false;
	const text = pattern.replace(/\$\{([^}]+)\}/g, (variable, inside: string) => {
		if (inside === "*" || inside === "?" || inside === "$") return variable;
		const [name = "", fallback] = inside.split(", ");
		const values = valuesOf(variables, name);
		const value = values.length === 1 ? values[0] : fallback?.slice(1, -1);
		if (value === undefined) missing = true;
		return (value ?? "").replace(/[*?$]/g, "${$&}");
	});
	return missing ? undefined : text;
}

/** The regular expression of a pattern; undefined: a variable has no value. */
function expression(pattern: string, variables: Request["context"] | undefined): RegExp | undefined {
	const text = replaced(pattern, variables);
	if (text === undefined) return undefined;
	const tokens = (variables === undefined ? text.match(/./gs) : text.match(/\$\{[*?$]\}|./gs)) ?? [];
	const source = tokens.map((token) => {
		if (token === "*") return ".*";
		if (token === "?") return ".";
		const character = token.length > 1 ? token.charAt(2) : token;
		return /[a-zA-Z0-9]/.test(character) ? character : `\\${character}`;
	});
	return new RegExp(`^${source.join("")}$`, "s");
}

/** A pattern in which no wildcard is one; where variables are unknown, that is written as if they were. */
function escapedWildcards(pattern: string, variables: Request["context"] | undefined): string {
	if (variables === undefined) return pattern.replace(/[*?$]/g, "${$&}");
	return pattern.replace(/(?<!\$\{)[*?]/g, "${$&}");
}

function splitArn(text: string | undefined): string[] {
	const parts = (text ?? "").split(":");
	return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function sixParts(pattern: string): string {
	const parts = pattern.replace(/\$\{[^}]*\}/g, "x").split(":").length;
	return pattern === "*" ? pattern : pattern + ":*".repeat(Math.max(0, 6 - parts));
}

function addressNumber(address: string): number {
	return address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

function seconds(text: string): number {
	const [year = 0, month = 0, day = 0] = /^\d{4}-\d\d-\d\d$/.test(text) ? text.split("-").map(Number) : [];
	return year > 0 ? Date.UTC(year, month - 1, day) / 1_000 : Number(text || "x");
}

const INSTANCE = "arn:aws:ec2:us-east-1:1:instance/";
const KEYS = ["k:a", "k:b", "K:A", "k:list"];

const actionPattern = fc.constantFrom(
	"*",
	"*:*",
	"ec2:*",
	"ec2:Run*",
	"EC2:runinstances",
	"ec2:?topInstances",
	"iam:*",
	"s3:Get*",
	"ec2:R*s",
);
const resourcePattern = fc.constantFrom(
	"*",
	"arn:aws:ec2:*:*:instance/*",
	"arn:aws:ec2:*:1:instance/?",
	"arn:aws:ec2",
	"arn:aws:iam:*",
	"arn:aws:s3:::*",
	`${INSTANCE}\${k:a}`,
	`${INSTANCE}\${k:b, 'a'}`,
	`${INSTANCE}\${*}`,
	`${INSTANCE}a`,
	"arn:aws:*:*:role/?/b",
);

const TEXTS = ["a", "b", "A", "a*", "ab", "", "true", "2", "*", INSTANCE];
const ARNS = ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a/b", "arn:aws:iam:x:2:role:a", "a"];
/** Of each type: what stands in policies, and what a request may have besides. */
const VALUES: readonly (readonly [operators: readonly string[], allowed: Values, requested: Values])[] = [
	[
		["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"],
		[...TEXTS, "?", "*b", "${k:b}", "${k:b, 'a'}", "${*}", "a${k:list}", "${$}"],
		TEXTS,
	],
	[
		["Numeric", "NumericNot"]
			.map((prefix) => `${prefix}Equals`)
			.concat(["NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"]),
		["1", "2", "2.0", "10"],
		["1", "2", "2.0", "3", "10", "two"],
	],
	[
		["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
		["2026-01-01", "2026-02-01"],
		["2025-12-31", "2026-01-01", "2026-02-01", "never"],
	],
	[["Bool"], ["true", "false"], ["true", "false", "1"]],
	[["BinaryEquals"], ["QUJD", "QUJE"], ["QUJD", "QUJE", "QU"]],
	[
		["IpAddress", "NotIpAddress"],
		["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3"],
		["10.1.2.3", "10.1.9.9", "11.0.0.0", "host"],
	],
	[["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"], [...ARNS, "arn:aws:iam::*:role/*", "arn:*:*:*:?:*/${k:b}", "${k:b}"], ARNS],
	[["Null"], ["true", "false"], []],
];

const requestedValue = fc.oneof(...VALUES.flatMap(([, , requested]) => (requested.length === 0 ? [] : [fc.constantFrom(...requested)])));

/** A condition whose key is likely to have values that its operator compares: the key's own name tells its type by its number. */
const condition = fc.nat(VALUES.length - 1).chain((type) => {
	const [operators, allowed] = VALUES[type] ?? assert.fail();
	return fc.record({
		operator: fc.constantFrom(...operators),
		prefix: fc.constantFrom("", "", "", "ForAllValues:", "ForAnyValue:"),
		suffix: operators.includes("Null") ? fc.constant("") : fc.constantFrom("", "", "IfExists"),
		key: fc.oneof(fc.constantFrom(...KEYS), fc.constant(`k:${type}`), fc.constant(`k:${type}`)),
		values: fc.array(fc.constantFrom(...allowed), { minLength: 1, maxLength: 2 }),
	});
});

const statement = fc
	.record({
		effect: fc.constantFrom("Allow", "Allow", "Deny"),
		not: fc.record({ action: fc.constantFrom(false, false, true), resource: fc.constantFrom(false, false, false, true) }),
		actions: fc.array(actionPattern, { minLength: 1, maxLength: 2 }),
		resources: fc.array(resourcePattern, { minLength: 1, maxLength: 2 }),
		conditions: fc.array(condition, { maxLength: 2 }),
	})
	.map(({ effect, not, actions, resources, conditions }): Statement => {
		const Condition: Record<string, Record<string, Values>> = {};
		for (const { prefix, operator, suffix, key, values } of conditions) {
			const name = `${operator === "Null" ? "" : prefix}${operator}${suffix}`;
			Condition[name] = { ...Condition[name], [key]: values };
		}
		return {
			Effect: effect,
			[not.action ? "NotAction" : "Action"]: actions,
			[not.resource ? "NotResource" : "Resource"]: resources,
			Condition,
		};
	});

const document: fc.Arbitrary<Document> = fc.record({
	Version: fc.constantFrom("2012-10-17", "2012-10-17", "2008-10-17"),
	Statement: fc.array(statement, { minLength: 1, maxLength: 3 }),
});
const ALLOW_ALL: Document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["*"], Resource: ["*"], Condition: {} }] };

const documents: fc.Arbitrary<Documents> = fc.record({
	serviceControl: fc.oneof(
		fc.constant([]),
		fc.constant([]),
		fc.array(
			fc.array(fc.oneof(document, fc.constant(ALLOW_ALL)), { maxLength: 2 }).map((level) => level),
			{ maxLength: 2 },
		),
	),
	boundary: fc.oneof(fc.constant(undefined), fc.constant(undefined), document),
	session: fc.oneof(fc.constant(undefined), fc.constant(undefined), fc.array(document, { maxLength: 2 })),
	identity: fc.array(fc.oneof(document, document, fc.constant(ALLOW_ALL)), { minLength: 1, maxLength: 2 }),
});

const typedContext = fc.tuple(
	...VALUES.map(([, , requested], type) =>
		fc
			.array(requested.length === 0 ? requestedValue : fc.constantFrom(...requested), { maxLength: 2 })
			.map((values) => [type % 2 === 0 ? `k:${type}` : `K:${type}`, values] as const),
	),
);
const request: fc.Arbitrary<Request> = fc
	.record({
		action: fc.constantFrom("ec2:RunInstances", "ec2:StopInstances", "iam:GetRole"),
		resource: fc.constantFrom("*", `${INSTANCE}a`, `${INSTANCE}b`, `${INSTANCE}*`, "arn:aws:iam::1:role/a/b"),
		own: fc.record({
			"k:a": fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 1 }),
			"K:B": fc.array(requestedValue, { maxLength: 1 }),
			"k:list": fc.array(requestedValue, { maxLength: 3 }),
		}),
		typed: typedContext,
	})
	.map(({ action, resource, own, typed }) => ({ action, resource, context: { ...own, ...Object.fromEntries(typed) } }));

test("the evaluator decides as the naive one does", (t) => {
	const tally = new Map<string, number>();
	fc.assert(
		fc.property(documents, fc.array(request, { minLength: 8, maxLength: 8 }), (documents, requests) => {
			const { serviceControl, boundary, session, identity } = documents;
			const read = (list: readonly Document[]) => list.map((document) => parsePolicy(JSON.stringify(document), "identity"));
			const policies = {
				serviceControl: serviceControl.map(read),
				boundary: boundary && { arn: "arn:aws:iam::1:policy/b", policy: parsePolicy(boundary, "boundary") },
				session: session && read(session),
				identity: read(identity),
			};
			for (const request of requests) {
				const decision = evaluate({ ...request, context: new Map(Object.entries(request.context)) }, policies);
				const outcome = decision.allowed ? "allowed" : `${decision.explicitDeny ? "explicit" : "implicit"} ${decision.layer}`;
				assert.equal(outcome, naiveOutcome(request, documents));
				tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
			}
		}),
		{ numRuns: 4_000 },
	);
	const total = [...tally.values()].reduce((sum, count) => sum + count);
	const share = (prefix: string) => [...tally].reduce((sum, [outcome, count]) => sum + (outcome.startsWith(prefix) ? count : 0), 0) / total;
	t.diagnostic(`${total} decisions: ${[...tally].map(([outcome, count]) => `${outcome} ${count}`).join(", ")}`);
	for (const outcome of ["allowed", "explicit", "implicit"]) assert.ok(share(outcome) > 0.05, `${outcome}: ${share(outcome)}`);
	assert.equal(tally.size, 9);
});

test("a condition is met as the naive evaluator says, whatever its operator", (t) => {
	let [met, unmet] = [0, 0];
	fc.assert(
		fc.property(condition, fc.boolean(), fc.array(request, { minLength: 8, maxLength: 8 }), (condition, modern, requests) => {
			const { prefix, operator, suffix, key, values } = condition;
			const name = `${operator === "Null" ? "" : prefix}${operator}${suffix}`;
			const Version = modern ? "2012-10-17" : "2008-10-17";
			const only: Statement = { Effect: "Allow", Action: ["*"], Resource: ["*"], Condition: { [name]: { [key]: values } } };
			const identity = [parsePolicy({ Version, Statement: only }, "identity")];
			for (const request of requests) {
				const context = new Map(Object.entries(request.context));
				const { allowed } = evaluate({ action: "a:b", resource: "*", context }, { serviceControl: [], identity });
				const variables = modern ? request.context : undefined;
				const expected = naiveCondition(name, valuesOf(request.context, key), values, variables);
				assert.equal(allowed, expected, JSON.stringify({ name, key, values, context: request.context }));
				if (allowed) met++;
				else unmet++;
			}
		}),
		{ numRuns: 4_000 },
	);
	t.diagnostic(`${met} met, ${unmet} not`);
	assert.ok(Math.min(met, unmet) > 0.3 * Math.max(met, unmet));
});
