// What an organization imposes on the account: service control policies, and a declarative policy in AWS's own form.

import * as v from "valibot";
import { HOP_LIMIT_MAX, HOP_LIMIT_MIN } from "../model/metadata-options.ts";
import { policyDocument } from "./declared-policy.ts";
import { distinct, fields, flag, list, matching, oneOf, optional, required, text } from "./field.ts";
import { iamName } from "./iam-names.ts";

/** AWS: "Quotas for AWS Organizations"; a root, five levels of organizational units, and the account. */
const SERVICE_CONTROL_MAX_CHARACTERS = 10_240;
const LEVELS_MAX = 7;
const POLICIES_MAX = 10;

const LEVEL = v.pipe(
	list(
		fields({
			policyName: required(iamName(128), "Its name."),
			policyDocument: required(policyDocument("service-control", SERVICE_CONTROL_MAX_CHARACTERS), "What it leaves allowed, and denies."),
		}),
		POLICIES_MAX,
		1,
	),
	distinct("policyName"),
);
type Level = v.InferOutput<typeof LEVEL>;

const LEVELS = list(LEVEL, LEVELS_MAX);
const EITHER = v.union([LEVEL, LEVELS], "a list of policies, or a list of such lists from the root to the account");

/** A list of policies is short for a list of one level. */
const SERVICE_CONTROL_POLICIES = v.pipe(
	// The message is to be about what was meant, which one look tells; a union would tell about both.
	v.lazy((input) => {
		if (!Array.isArray(input)) return EITHER;
		return input.every((item) => !Array.isArray(item)) && input.length > 0 ? LEVEL : LEVELS;
	}),
	v.transform((given) => (isLevels(given) ? given : [given])),
);

const NO_PREFERENCE = "no_preference";

/** AWS: a number or its digits; -1 has no preference (control-apis.md §1.4). */
const HOP_LIMIT_FORM = `a whole number from ${HOP_LIMIT_MIN} to ${HOP_LIMIT_MAX}, or -1 for no preference`;
const HOP_LIMIT = v.pipe(
	v.union([v.number(), v.string()], HOP_LIMIT_FORM),
	v.check((input) => /^(-1|[1-9]\d?)$/.test(String(input)) && Number(input) <= HOP_LIMIT_MAX, HOP_LIMIT_FORM),
	v.transform((input) => (Number(input) === -1 ? NO_PREFERENCE : Number(input))),
);

const DECLARATIVE_POLICY = v.pipe(
	fields({
		ec2_attributes: required(
			fields({
				instance_metadata_defaults: optional(
					fields({
						http_endpoint: assigned(oneOf(NO_PREFERENCE, "enabled", "disabled"), "Whether the endpoint answers."),
						http_tokens: assigned(oneOf(NO_PREFERENCE, "optional", "required"), "Whether requests need a session token."),
						http_put_response_hop_limit: assigned(HOP_LIMIT, "How many hops a token may travel."),
						instance_metadata_tags: assigned(oneOf(NO_PREFERENCE, "enabled", "disabled"), "Whether instances see their tags."),
						http_tokens_enforced: assigned(
							oneOf(NO_PREFERENCE, "enabled", "disabled"),
							"Whether instances whose tokens are optional are refused.",
						),
					}),
					"The account's defaults, in place of its own.",
				),
				exception_message: assigned(text(2_048), "What is said to those who try to change them."),
			}),
			"The attributes of EC2.",
		),
	}),
	v.transform(({ ec2_attributes: { instance_metadata_defaults: defaults = {}, exception_message: message } }) => ({
		instanceMetadataDefaults: {
			...preference("httpEndpoint", defaults.http_endpoint),
			...preference("httpTokens", defaults.http_tokens),
			...preference("httpPutResponseHopLimit", defaults.http_put_response_hop_limit),
			...preference("instanceMetadataTags", defaults.instance_metadata_tags),
			...preference("httpTokensEnforced", defaults.http_tokens_enforced),
		},
		...preference("exceptionMessage", message),
	})),
);

export const ORGANIZATION = fields({
	organizationId: optional(
		matching(/^o-[0-9a-z]{10,32}$/, '"o-" and 10 to 32 lower-case letters or digits'),
		"Its id. Default: one that follows from the account's.",
	),
	managementAccount: optional(
		flag(),
		"Whether the account is the management account, which service control policies don't bind. Default: false.",
	),
	serviceControlPolicies: optional(
		SERVICE_CONTROL_POLICIES,
		"At each level, from the root to the account, some policy must allow what is done. Default: no levels, which bind nobody.",
	),
	declarativePolicy: optional(
		DECLARATIVE_POLICY,
		"The declarative policy for EC2, as AWS Organizations has it; no part of it is inherited.",
	),
});

function isLevels(given: Level | readonly Level[]): given is readonly Level[] {
	return given.every((item) => Array.isArray(item));
}

/** `{"@@assign": value}`, as the documents of declarative policies have every value. */
function assigned<const S extends v.GenericSchema>(schema: S, description: string) {
	return optional(fields({ "@@assign": required(schema, description) }), description);
}

function preference<const K extends string, T>(name: K, assigned: { readonly "@@assign": T } | undefined) {
	const value = assigned?.["@@assign"];
	return (value === undefined || value === NO_PREFERENCE ? {} : { [name]: value }) as { [N in K]?: Exclude<T, typeof NO_PREFERENCE> };
}
