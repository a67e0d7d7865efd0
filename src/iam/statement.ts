import { type Condition, parseConditions } from "./condition.ts";
import { shown, textsOf } from "./json-value.ts";
import { POLICY_KIND_NAMES, type PolicyKind } from "./policy-kind.ts";
import { parsePrincipals, type Principals } from "./principal.ts";

/** A statement of a policy, as {@link parseStatement} read it. */
export interface Statement {
	/** Empty: it has none. */
	readonly sid: string;
	readonly effect: "Allow" | "Deny";
	readonly actions: Patterns;
	/** Undefined in a trust policy: the role itself. */
	readonly resources: Patterns | undefined;
	/** Undefined where the principal is whoever the policy is attached to. */
	readonly principals: Principals | undefined;
	readonly conditions: readonly Condition[];
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
export interface Patterns {
	/** It is the one with `Not`. */
	readonly negated: boolean;
	readonly patterns: readonly string[];
}

type Elements = Readonly<Record<string, unknown>>;

interface Form {
	readonly fits: RegExp;
	readonly allowed: string;
}

const ACTION: Form = {
	fits: /^(\*|(\*|[A-Za-z0-9.-]+):[A-Za-z0-9*?_-]+)$/,
	allowed: "*, or a service and a name such as ec2:RunInstances; the name may have * and ?",
};
// AWS: "AssumeRole policy may only specify STS AssumeRole actions."
const TRUST_ACTION: Form = { fits: /^sts:[A-Za-z0-9*?]+$/i, allowed: "actions of STS, such as sts:AssumeRole" };
const RESOURCE: Form = { fits: /^(\*|arn:[a-z*?-]+:[^:]+(:.*)?)$/s, allowed: "*, or an ARN such as arn:aws:ec2:*:*:instance/*" };

/**
 * Reads one statement.
 *
 * @param place where it stands, for the errors: `Statement[1] (Sid "P1")`
 * @param errors gets what is wrong with it; a statement with errors must not be used
 */
export function parseStatement(elements: Elements, place: string, { kind, errors }: { kind: PolicyKind; errors: string[] }): Statement {
	refuseUnknown(elements, place, { kind, errors });
	const trust = kind === "trust";
	return {
		sid: parseSid(elements["Sid"], place, errors),
		effect: parseEffect(elements["Effect"], place, errors),
		actions: parsePatterns(elements, "Action", trust ? TRUST_ACTION : ACTION, { place, errors }),
		resources: trust ? undefined : parsePatterns(elements, "Resource", RESOURCE, { place, errors }),
		principals: trust ? parsePrincipal(elements, place, errors) : undefined,
		conditions: parseConditions(elements["Condition"], `${place}, Condition`, errors),
	};
}

function refuseUnknown(elements: Elements, place: string, { kind, errors }: { kind: PolicyKind; errors: string[] }): void {
	const own = kind === "trust" ? ["Principal", "NotPrincipal"] : ["Resource", "NotResource"];
	const allowed = ["Sid", "Effect", ...own, "Action", "NotAction", "Condition"];
	for (const name of Object.keys(elements)) {
		if (allowed.includes(name)) continue;
		errors.push(`${place}, ${name}: is not an element of a statement in ${POLICY_KIND_NAMES[kind]}; allowed: ${allowed.join(", ")}`);
	}
}

function parseSid(sid: unknown = "", place: string, errors: string[]): string {
	if (typeof sid === "string" && /^[0-9A-Za-z]*$/.test(sid)) return sid;
	errors.push(`${place}, Sid: ${shown(sid)} is not allowed; allowed: letters and digits of ASCII`);
	return "";
}

function parseEffect(effect: unknown, place: string, errors: string[]): "Allow" | "Deny" {
	if (effect === "Allow" || effect === "Deny") return effect;
	errors.push(`${place}, Effect: ${effect === undefined ? "is missing" : `${shown(effect)} is not an effect`}; allowed: Allow, Deny`);
	return "Deny";
}

function parsePatterns(
	elements: Elements,
	name: "Action" | "Resource",
	form: Form,
	{ place, errors }: { place: string; errors: string[] },
): Patterns {
	const found = oneOfTwo(elements, name, place, errors);
	if (found === undefined) return { negated: false, patterns: [] };
	const patterns = textsOf(elements[found]) ?? [];
	if (patterns.length === 0)
		errors.push(`${place}, ${found}: ${shown(elements[found])} is not allowed; allowed: ${form.allowed}; or a list of it`);
	const unfit = patterns.filter((pattern) => !form.fits.test(pattern));
	errors.push(...unfit.map((pattern) => `${place}, ${found}: ${shown(pattern)} is not allowed; allowed: ${form.allowed}`));
	return { negated: found !== name, patterns };
}

function parsePrincipal(elements: Elements, place: string, errors: string[]): Principals {
	const found = oneOfTwo(elements, "Principal", place, errors);
	if (found === "NotPrincipal" && elements["Effect"] !== "Deny")
		errors.push(`${place}, NotPrincipal: is only allowed with the effect Deny`);
	return {
		negated: found === "NotPrincipal",
		entries: found === undefined ? [] : parsePrincipals(elements[found], `${place}, ${found}`, errors),
	};
}

/** Which of an element and its `Not…` is there; undefined: none, or both, which is an error. */
function oneOfTwo(elements: Elements, name: string, place: string, errors: string[]): string | undefined {
	const found = [name, `Not${name}`].filter((each) => elements[each] !== undefined);
	if (found.length === 1) return found[0];
	errors.push(
		`${place}, ${name}: ${found.length === 0 ? "is missing" : `stands beside Not${name}`}; a statement has either ${name} or Not${name}`,
	);
	return undefined;
}
