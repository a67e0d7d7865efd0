// Roles, users and instance profiles of a configuration file.

import * as v from "valibot";
import type { PolicyDocument } from "../model/iam.ts";
import { inlinePolicies, policyDocument } from "./declared-policy.ts";
import { TAGS } from "./declared-tags.ts";
import { consistent, fields, integer, list, matching, moment, oneOf, optional, required, text } from "./field.ts";
import { IAM_PATH, iamId, iamName, POLICY_ARN } from "./iam-names.ts";

/** AWS: what a trust policy and the inline policies of a role or a user may have (IAM guide, "IAM and AWS STS quotas"). */
const TRUST_MAX_CHARACTERS = 8_192;
const ROLE_POLICIES_MAX_CHARACTERS = 10_240;
const USER_POLICIES_MAX_CHARACTERS = 2_048;

const ROLE_NAME = iamName(64);
const PROFILE_NAME = iamName(128);
const TAGS_OF_IAM = "Tags; `{team: a}` is short for `[{key: team, value: a}]`.";

/** Printable, and nothing that JSON would have to escape. */
const secret = (maxLength: number, what: string) =>
	matching(
		new RegExp(`^[!#-[\\]-~]{1,${maxLength}}$`),
		`the ${what}: 1 to ${maxLength} printable ASCII characters without spaces, quotes and backslashes`,
	);

const TRUST_POLICY = v.pipe(
	policyDocument("trust", TRUST_MAX_CHARACTERS),
	v.transform((json) => JSON.parse(json) as PolicyDocument),
);

const MANAGED_POLICY_ARNS = v.pipe(
	list(POLICY_ARN, 20),
	consistent((arns) => repeatedIn(arns).map((index) => ({ path: [index], message: "is given twice; allowed: once" }))),
);
const PERMISSIONS_BOUNDARY = optional(POLICY_ARN, "The managed policy that bounds what the others allow.");

const ACCESS_KEY_ID = matching(/^[0-9A-Za-z_]{16,128}$/, "the access key's id: 16 to 128 letters, digits and underscores");

const CREDENTIALS = fields({
	accessKeyId: required(ACCESS_KEY_ID, "The access key's id; that of temporary credentials begins with ASIA."),
	secretAccessKey: required(secret(256, "secret access key"), "The secret half."),
	sessionToken: required(secret(16_384, "session token"), "The session token."),
	expiration: optional(moment(), "When they end. Default: always about six hours from now."),
});

export const ROLE = fields({
	roleName: required(ROLE_NAME, "What meta-data/iam/security-credentials/ lists."),
	roleId: optional(iamId("AROA"), "Its id. Default: one that follows from account and name."),
	path: optional(IAM_PATH, "The path in the role's ARN. Default: /."),
	description: optional(text(1_000), "What it is for."),
	assumeRolePolicyDocument: optional(TRUST_POLICY, "Who may assume the role. Default: EC2 may."),
	maxSessionDurationSeconds: optional(integer(3_600, 43_200), "How long its sessions may last. Default: 3600."),
	policies: optional(inlinePolicies(ROLE_POLICIES_MAX_CHARACTERS), "Policies of its own: what it may do."),
	managedPolicyArns: optional(MANAGED_POLICY_ARNS, "Managed policies: those of this file, and AWS's."),
	permissionsBoundary: PERMISSIONS_BOUNDARY,
	tags: optional(TAGS, TAGS_OF_IAM),
	credentials: optional(CREDENTIALS, "Credentials that are handed out as they are, instead of the service's own."),
});

export const USER = fields({
	userName: required(iamName(64), "Its name."),
	userId: optional(iamId("AIDA"), "Its id. Default: one that follows from account and name."),
	path: optional(IAM_PATH, "The path in the user's ARN. Default: /."),
	policies: optional(inlinePolicies(USER_POLICIES_MAX_CHARACTERS), "Policies of its own: what it may do."),
	managedPolicyArns: optional(MANAGED_POLICY_ARNS, "Managed policies: those of this file, and AWS's."),
	permissionsBoundary: PERMISSIONS_BOUNDARY,
	tags: optional(TAGS, TAGS_OF_IAM),
	accessKeys: optional(
		v.pipe(
			list(
				fields({
					accessKeyId: required(ACCESS_KEY_ID, "The access key's id; that of a user begins with AKIA."),
					secretAccessKey: required(secret(128, "secret access key"), "The secret half."),
					status: optional(oneOf("Active", "Inactive"), "Whether requests may be signed with it. Default: Active."),
				}),
				2,
			),
			// Not `distinct`: it would show them, and one may have been mistaken for the secret half.
			consistent((keys) =>
				repeatedIn(keys.map(({ accessKeyId }) => accessKeyId)).map((index) => ({
					path: [index, "accessKeyId"],
					message: "is given twice; allowed: once",
				})),
			),
		),
		"What it signs requests with.",
	),
});

export const INSTANCE_PROFILE = fields({
	instanceProfileName: required(PROFILE_NAME, "What an instance's iamInstanceProfile names."),
	instanceProfileId: optional(iamId("AIPA"), "Its id. Default: one that follows from account and name."),
	path: optional(IAM_PATH, "The path in the profile's ARN. Default: /."),
	roles: optional(list(ROLE_NAME, 1), "The profile's role; one at most."),
	tags: optional(TAGS, TAGS_OF_IAM),
});

const PROFILE_ARN = matching(
	/^arn:[a-z-]{3,32}:iam::\d{12}:instance-profile\/[0-9A-Za-z_+=,.@/-]{1,640}$/,
	"the ARN of an instance profile",
);
const PROFILE_REFERENCES = "the name or the ARN of an instance profile, or a map of name or arn";

/** An instance's profile; a string is short for its name or its ARN. */
export const PROFILE_REFERENCE = v.pipe(
	v.union(
		[
			v.pipe(
				PROFILE_NAME,
				v.transform((name) => ({ name })),
			),
			v.pipe(
				PROFILE_ARN,
				v.transform((arn) => ({ arn })),
			),
			fields({
				name: optional(PROFILE_NAME, "The profile's name; it must exist."),
				arn: optional(PROFILE_ARN, "The profile's ARN; it may be gone."),
			}),
		],
		PROFILE_REFERENCES,
	),
	v.check((profile) => Object.keys(profile).length > 0, PROFILE_REFERENCES),
);

/** The positions of values that stand earlier already. */
function repeatedIn(values: readonly string[]): readonly number[] {
	return values.flatMap((value, index) => (values.indexOf(value) === index ? [] : [index]));
}
