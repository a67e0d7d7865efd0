// Roles and instance profiles of a configuration file.

import * as v from "valibot";
import { fields, list, matching, moment, oneOf, optional, required, text } from "./field.ts";

/** So many characters of JSON; AWS allows no trust policy of more. */
const POLICY_MAX_CHARACTERS = 8_192;

const path = matching(/^(?=.{1,512}$)\/([0-9A-Za-z_+=,.@-]+\/)*$/, "/ or a path that begins and ends with /, such as /team/");

// AWS: the character set of IAM names; "." and ".." would be no path segments of the metadata tree.
const ROLE_NAME = iamName(64);
const PROFILE_NAME = iamName(128);

/** Printable, and nothing that JSON would have to escape. */
const secret = (maxLength: number, what: string) =>
	matching(
		new RegExp(`^[!#-[\\]-~]{1,${maxLength}}$`),
		`the ${what}: 1 to ${maxLength} printable ASCII characters without spaces, quotes and backslashes`,
	);

const words = v.union([text(2_048), list(text(2_048), 100)], "text, or a list of text");

const STATEMENT = fields({
	Sid: optional(text(128), "A name for the statement."),
	Effect: required(oneOf("Allow", "Deny"), "What it does."),
	Principal: optional(
		v.union(
			[
				v.literal("*", "*"),
				fields({
					Service: optional(words, "Services, such as ec2.amazonaws.com."),
					AWS: optional(words, "Accounts, users and roles."),
					Federated: optional(words, "Identity providers."),
					CanonicalUser: optional(words, "Canonical user ids."),
				}),
			],
			'"*", or a map of Service, AWS, Federated, CanonicalUser',
		),
		"Whom it concerns.",
	),
	Action: optional(words, "What it allows or denies, such as sts:AssumeRole."),
	Condition: optional(
		v.record(text(128), v.record(text(256), v.union([words, v.boolean(), v.number()], "text, or a list of text"), "a map"), "a map"),
		"Conditions; they are read, but not evaluated.",
	),
});

const TRUST_POLICY = v.pipe(
	fields({
		Version: optional(oneOf("2012-10-17", "2008-10-17"), "The version of the policy language."),
		Id: optional(text(128), "A name for the policy."),
		Statement: required(v.union([STATEMENT, list(STATEMENT, 100)], "a statement, or a list of statements"), "The statements."),
	}),
	v.check((policy) => JSON.stringify(policy).length <= POLICY_MAX_CHARACTERS, `a policy of at most ${POLICY_MAX_CHARACTERS} characters`),
);

const CREDENTIALS = fields({
	accessKeyId: required(
		matching(/^[0-9A-Za-z_]{16,128}$/, "the access key's id: 16 to 128 letters, digits and underscores"),
		"The access key's id; that of temporary credentials begins with ASIA.",
	),
	secretAccessKey: required(secret(256, "secret access key"), "The secret half."),
	sessionToken: required(secret(16_384, "session token"), "The session token."),
	expiration: optional(moment(), "When they end. Default: always about six hours from now."),
});

export const ROLE = fields({
	roleName: required(ROLE_NAME, "What meta-data/iam/security-credentials/ lists."),
	roleId: optional(
		matching(/^AROA[0-9A-Z]{8,60}$/, "AROA and 8 to 60 capital letters or digits"),
		"Its id. Default: one that follows from account and name.",
	),
	path: optional(path, "The path in the role's ARN. Default: /."),
	assumeRolePolicyDocument: optional(TRUST_POLICY, "Who may assume the role. Default: EC2 may."),
	credentials: optional(CREDENTIALS, "Credentials that are handed out as they are, instead of the service's own."),
});

export const INSTANCE_PROFILE = fields({
	instanceProfileName: required(PROFILE_NAME, "What an instance's iamInstanceProfile names."),
	instanceProfileId: optional(
		matching(/^AIPA[0-9A-Z]{8,60}$/, "AIPA and 8 to 60 capital letters or digits"),
		"Its id. Default: one that follows from account and name.",
	),
	path: optional(path, "The path in the profile's ARN. Default: /."),
	roles: optional(list(ROLE_NAME, 1), "The profile's role; one at most."),
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

function iamName(maxLength: number) {
	return matching(new RegExp(`^(?!\\.{1,2}$)[0-9A-Za-z_+=,.@-]{1,${maxLength}}$`), `1 to ${maxLength} letters, digits and _+=,.@-`);
}
