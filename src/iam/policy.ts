import { duplicateKeys } from "./duplicate-keys.ts";
import { isObject, shown } from "./json-value.ts";
import { POLICY_KIND_NAMES, type PolicyKind } from "./policy-kind.ts";
import { parseStatement, type Statement } from "./statement.ts";

/** A policy that was read without errors. */
export interface Policy {
	/** Variables are replaced since 2012-10-17. */
	readonly version: PolicyVersion;
	readonly statements: readonly Statement[];
}

type PolicyVersion = (typeof VERSIONS)[number];

const VERSIONS = ["2012-10-17", "2008-10-17"] as const;
const ELEMENTS = ["Version", "Id", "Statement"];

/** What is wrong with a policy, all of it; each message names the place, the value and what is allowed. */
export class PolicyError extends Error {
	readonly errors: readonly string[];

	constructor(errors: readonly string[]) {
		super(errors.join("\n"));
		this.name = "PolicyError";
		this.errors = errors;
	}
}

/**
 * Reads a policy document. How long it may be is for the caller to say: AWS has another limit for each use.
 *
 * Gap: AWS also refuses what no service of it knows (an ARN with a Region for IAM, a vendor that is none), and some that it calls legacy.
 *
 * @param document JSON, or what was read from JSON; keys that stand twice in an object are found in JSON only
 * @param kind what it is for: a trust policy has principals and no resources, every other the reverse
 * @throws {PolicyError} with every error that was found (control-apis.md §3.4; IAM guide, "Grammar of the IAM JSON policy language")
 */
export function parsePolicy(document: string | object, kind: PolicyKind): Policy {
	const errors: string[] = [];
	const root = typeof document === "string" ? parseJson(document) : document;
	if (typeof document === "string") errors.push(...duplicateKeys(document).map((place) => `${place}: stands twice in its object`));
	if (!isObject(root))
		throw new PolicyError([`${shown(root)} is no policy; allowed: an object such as {"Version": "2012-10-17", "Statement": []}`]);

	const unknown = Object.keys(root).filter((name) => !ELEMENTS.includes(name));
	errors.push(...unknown.map((name) => `${name}: is not an element of ${POLICY_KIND_NAMES[kind]}; allowed: ${ELEMENTS.join(", ")}`));
	if (root["Id"] !== undefined && typeof root["Id"] !== "string") errors.push(`Id: ${shown(root["Id"])} is not allowed; allowed: text`);
	const version = parseVersion(root["Version"], errors);
	const statements = parseStatements(root["Statement"], kind, errors);
	if (errors.length > 0) throw new PolicyError(errors);
	return { version, statements };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new PolicyError([`the policy is not JSON: ${(error as Error).message}`]);
	}
}

/** AWS: without a version, a policy is of the older one (IAM guide, "Version"). */
function parseVersion(version: unknown = "2008-10-17", errors: string[]): PolicyVersion {
	const known = VERSIONS.find((each) => each === version);
	if (known === undefined) errors.push(`Version: ${shown(version)} is not a version; allowed: ${VERSIONS.join(", ")}`);
	return known ?? "2012-10-17";
}

function parseStatements(value: unknown, kind: PolicyKind, errors: string[]): readonly Statement[] {
	const list: readonly unknown[] = Array.isArray(value) ? value : [value];
	if (value === undefined || list.length === 0) {
		errors.push(`Statement: ${value === undefined ? "is missing" : "is empty"}; allowed: a statement, or a list of statements`);
		return [];
	}
	const sids = new Set<string>();
	return list.flatMap((elements, index) => {
		const number = Array.isArray(value) ? `Statement[${index}]` : "Statement";
		if (!isObject(elements)) {
			errors.push(`${number}: ${shown(elements)} is not a statement; allowed: an object with Effect, Action …`);
			return [];
		}
		const place = typeof elements["Sid"] === "string" && elements["Sid"] !== "" ? `${number} (Sid ${shown(elements["Sid"])})` : number;
		const statement = parseStatement(elements, place, { kind, errors });
		if (sids.has(statement.sid))
			errors.push(`${place}, Sid: ${shown(statement.sid)} stands above already; each is allowed once in a policy`);
		if (statement.sid !== "") sids.add(statement.sid);
		return statement;
	});
}
