import { type BlockList, isIPv4 } from "node:net";
import { arnMatches } from "./arn-match.ts";
import { type Glob, globMatches } from "./glob.ts";
import { addressBlockOf, addressOf, binaryOf, booleanOf, momentOf, numberOf, type Reader } from "./typed-value.ts";
import { type Context, replacedGlob, replacedText } from "./variables.ts";

/**
 * Whether a value of the request is what a value of the policy says. Undefined: it is of another type than the operator compares, and so it
 * meets neither the operator nor its negation.
 */
type Comparison = (requested: string) => boolean | undefined;

/** A condition operator, without the `ForAllValues:`, `ForAnyValue:` and `IfExists` around it. */
interface Operator {
	/** Met by whatever the comparison does not find: `StringNotEquals`, `NotIpAddress` … */
	readonly negated: boolean;
	/** What a value in a policy must be, in words. */
	readonly allowedValues: string;
	readonly allows: (policyValue: string) => boolean;
	/** Variables are undefined in a policy of version 2008-10-17. */
	readonly comparison: (policyValue: string, variables: Context | undefined) => Comparison;
}

/**
 * The condition operators of IAM but for `Null`, which looks at the key and not at its values (control-apis.md §3.4).
 *
 * AWS: variables are replaced for texts and ARNs only, and ArnEquals is the same as ArnLike (IAM guide, "Variables and tags", "Condition
 * operators").
 */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
	["StringEquals", text((requested, allowed) => requested === allowed)],
	["StringNotEquals", not(text((requested, allowed) => requested === allowed))],
	["StringEqualsIgnoreCase", text((requested, allowed) => requested.toLowerCase() === allowed.toLowerCase())],
	["StringNotEqualsIgnoreCase", not(text((requested, allowed) => requested.toLowerCase() === allowed.toLowerCase()))],
	["StringLike", pattern(globMatches)],
	["StringNotLike", not(pattern(globMatches))],
	["NumericEquals", number((requested, limit) => requested === limit)],
	["NumericNotEquals", not(number((requested, limit) => requested === limit))],
	["NumericLessThan", number((requested, limit) => requested < limit)],
	["NumericLessThanEquals", number((requested, limit) => requested <= limit)],
	["NumericGreaterThan", number((requested, limit) => requested > limit)],
	["NumericGreaterThanEquals", number((requested, limit) => requested >= limit)],
	["DateEquals", date((requested, limit) => requested === limit)],
	["DateNotEquals", not(date((requested, limit) => requested === limit))],
	["DateLessThan", date((requested, limit) => requested < limit)],
	["DateLessThanEquals", date((requested, limit) => requested <= limit)],
	["DateGreaterThan", date((requested, limit) => requested > limit)],
	["DateGreaterThanEquals", date((requested, limit) => requested >= limit)],
	["Bool", typed("true or false", booleanOf, booleanOf, (requested, allowed) => requested === allowed)],
	["BinaryEquals", typed("base64", binaryOf, binaryOf, (requested, allowed) => requested === allowed)],
	["IpAddress", address()],
	["NotIpAddress", not(address())],
	["ArnEquals", pattern(arnMatches)],
	["ArnNotEquals", not(pattern(arnMatches))],
	["ArnLike", pattern(arnMatches)],
	["ArnNotLike", not(pattern(arnMatches))],
]);

function not(operator: Operator): Operator {
	const { allowedValues, allows, comparison } = operator;
	return { negated: true, allowedValues, allows, comparison };
}

function text(equal: (requested: string, allowed: string) => boolean): Operator {
	return {
		negated: false,
		allowedValues: "text",
		allows: () => true,
		comparison: (policyValue, variables) => {
			const allowed = replacedText(policyValue, variables);
			return (requested) => allowed !== undefined && equal(requested, allowed);
		},
	};
}

function pattern(matches: (glob: Glob, requested: string) => boolean): Operator {
	return {
		negated: false,
		allowedValues: "text",
		allows: () => true,
		comparison: (policyValue, variables) => {
			const glob = replacedGlob(policyValue, variables);
			return (requested) => glob !== undefined && matches(glob, requested);
		},
	};
}

function number(compare: (requested: number, limit: number) => boolean): Operator {
	return typed("a number such as 2 or 2.5", numberOf, numberOf, compare);
}

function date(compare: (requestedMs: number, limitMs: number) => boolean): Operator {
	return typed("a date such as 2026-01-31T12:00:00Z, or seconds since 1970", momentOf, momentOf, compare);
}

function address(): Operator {
	const contains = (requested: string, block: BlockList) => block.check(requested, isIPv4(requested) ? "ipv4" : "ipv6");
	return typed("an IP address or a CIDR block such as 203.0.113.0/24 or 2001:db8::/32", addressOf, addressBlockOf, contains);
}

function typed<Requested, Allowed>(
	allowedValues: string,
	readRequested: Reader<Requested>,
	readAllowed: Reader<Allowed>,
	compare: (requested: Requested, allowed: Allowed) => boolean,
): Operator {
	return {
		negated: false,
		allowedValues,
		allows: (policyValue) => readAllowed(policyValue) !== undefined,
		comparison: (policyValue) => {
			const allowed = readAllowed(policyValue);
			return (text) => {
				const requested = readRequested(text);
				return requested === undefined || allowed === undefined ? undefined : compare(requested, allowed);
			};
		},
	};
}
