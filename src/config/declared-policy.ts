// Policy documents of a configuration file: maps, or texts in JSON. What a policy may say, iam/ knows.

import * as v from "valibot";
import { parsePolicy, PolicyError } from "../iam/policy.ts";
import type { PolicyKind } from "../iam/policy-kind.ts";
import { type Contradiction, consistent, distinct, fields, isMap, list, optional, required, text } from "./field.ts";
import { IAM_PATH, iamId, iamName } from "./iam-names.ts";
import { printable } from "./shown-value.ts";
import { TAGS } from "./declared-tags.ts";

type Document = string | Record<string, unknown>;

const DOCUMENT_FORM = "a policy: a map, or a text in JSON";

/** AWS: Latin-1 (IAM API reference, policyDocumentType); here without its control characters. */
const POLICY_TEXT = /^[ -~\u00a0-\u00ff]*$/;

/** AWS: what one managed policy may have (IAM guide, "IAM and AWS STS quotas"). */
const MANAGED_MAX_CHARACTERS = 6_144;

const POLICY_NAME = iamName(128);

/** A policy document; it comes out as JSON. */
export function policyDocument(kind: PolicyKind, maxCharacters = Infinity) {
	return v.pipe(
		v.custom<Document>((value) => typeof value === "string" || isMap(value), DOCUMENT_FORM),
		v.metadata({
			type: ["object", "string"],
			properties: {
				Version: { enum: ["2012-10-17", "2008-10-17"] },
				Id: { type: "string" },
				Statement: { type: ["object", "array"] },
			},
			required: ["Statement"],
			additionalProperties: false,
		}),
		consistent((document) => contradictionsIn(document, kind, maxCharacters)),
		v.transform(jsonOf),
	);
}

/**
 * Policies that are one role's or one user's own.
 *
 * @param maxCharacters of all of them together.
 */
export function inlinePolicies(maxCharacters: number) {
	return v.pipe(
		list(
			fields({
				policyName: required(POLICY_NAME, "Its name; each is given once."),
				policyDocument: required(policyDocument("identity"), "What it allows and denies."),
			}),
			100,
		),
		distinct("policyName"),
		consistent((policies) => {
			const size = policies.reduce((sum, policy) => sum + policySize(policy.policyDocument), 0);
			return size <= maxCharacters ? [] : [{ path: [], message: tooLong(size, maxCharacters) }];
		}),
	);
}

/** A policy that can be attached to roles and users. */
export const MANAGED_POLICY = fields({
	policyName: required(POLICY_NAME, "The last part of its ARN."),
	policyId: optional(iamId("ANPA"), "Its id. Default: one that follows from account and name."),
	path: optional(IAM_PATH, "The path in the policy's ARN. Default: /."),
	description: optional(text(1_000), "What it is for."),
	policyDocument: required(policyDocument("identity", MANAGED_MAX_CHARACTERS), "What it allows and denies; it becomes version v1."),
	tags: optional(TAGS, "Tags; `{team: a}` is short for `[{key: team, value: a}]`."),
});

function contradictionsIn(document: Document, kind: PolicyKind, maxCharacters: number): readonly Contradiction[] {
	const json = jsonOf(document);
	try {
		parsePolicy(json, kind);
	} catch (error) {
		if (!(error instanceof PolicyError)) throw error;
		return error.errors.map((each) => located(each, document));
	}
	if (!textsIn(json).every((part) => POLICY_TEXT.test(part))) {
		return [{ path: [], message: "holds a character that no policy may have; allowed: those of Latin-1, no control characters" }];
	}
	return policySize(json) <= maxCharacters ? [] : [{ path: [], message: tooLong(policySize(json), maxCharacters) }];
}

/** An error of iam/ begins with its place, in words such as `Statement[1] (Sid "A"), Condition.Bool: `: the path that it is in a map. */
function located(error: string, document: Document): Contradiction {
	if (typeof document === "string") return { path: [], message: printable(error) };
	const [beginning = "", index] = /^Statement(?:\[(\d+)\])?(?: \(Sid ".*?"\))?(?:, |: )/.exec(error) ?? [];
	const path: (string | number)[] = beginning === "" ? [] : ["Statement", ...(index === undefined ? [] : [Number(index)])];
	let value: unknown = path.reduce<unknown>((outer, part) => (outer as Record<string | number, unknown>)[part], document);
	let message = error.slice(beginning.length);
	while (isMap(value)) {
		const name = Object.keys(value).find((each) => message.startsWith(`${each}.`) || message.startsWith(`${each}: `));
		if (name === undefined) break;
		path.push(name);
		message = message.slice(name.length + 1).trimStart();
		value = value[name];
	}
	return { path, message: printable(message) };
}

/** Every text in a JSON text, names too. */
function textsIn(json: string): readonly string[] {
	const texts: string[] = [];
	JSON.parse(json, (name, value: unknown) => {
		texts.push(name);
		if (typeof value === "string") texts.push(value);
		return value;
	});
	return texts;
}

function jsonOf(document: Document): string {
	// A block of YAML ends with a newline.
	return typeof document === "string" ? document.trimEnd() : JSON.stringify(document);
}

/** AWS: white space does not count (IAM guide, "IAM and AWS STS quotas"). */
function policySize(json: string): number {
	return json.replaceAll(/\s/g, "").length;
}

function tooLong(size: number, max: number): string {
	return `${size} characters of policies are too many; allowed: ${max}, white space not counted`;
}
