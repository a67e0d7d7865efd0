// What the names and texts of IAM's requests must look like.

import { constraintViolated, validationError } from "../../../errors.ts";
import { invalidArn } from "../../../iam-errors.ts";

/** AWS: characters of a name, by what it names (IAM guide, "IAM and AWS STS quotas"). */
const NAME_MAX = { roleName: 64, userName: 64, instanceProfileName: 128, policyName: 128 } as const;
const PATH_MAX = 512;
const DESCRIPTION_MAX = 1_000;

/**
 * Looks at a new name.
 *
 * Quirk: `.` and `..` are refused although AWS takes them: a role's name is a segment of a path in instance metadata.
 */
export function checkName(member: keyof typeof NAME_MAX, name: string): void {
	if (name === "") throw constraintViolated(member, name, "have length greater than or equal to 1");
	if (name.length > NAME_MAX[member]) throw constraintViolated(member, name, `have length less than or equal to ${NAME_MAX[member]}`);
	if (!/^[\w+=,.@-]+$/.test(name) || /^\.{1,2}$/.test(name)) {
		throw validationError(
			`The specified value for ${member} is invalid: '${name}'. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
		);
	}
}

/**
 * A new path; `/` where none is given.
 *
 * Gap: AWS takes every printable character of ASCII between the slashes.
 */
export function checkedPath(path = "/"): string {
	if (path.length > PATH_MAX) throw constraintViolated("path", path, `have length less than or equal to ${PATH_MAX}`);
	if (/^\/([\w+=,.@-]+\/)*$/.test(path)) return path;
	throw validationError(
		`The specified value for path is invalid: '${path}'. It must begin and end with / and contain only alphanumeric characters and/or / characters.`,
	);
}

/** Where the paths of what is listed begin; `/` where it is not said. */
export function checkedPathPrefix(pathPrefix = "/"): string {
	if (/^\/[\x21-\x7e]{0,511}$/.test(pathPrefix)) return pathPrefix;
	throw validationError(
		`The specified value for pathPrefix is invalid: '${pathPrefix}'. It must begin with / and have at most ${PATH_MAX} printable characters.`,
	);
}

export function checkDescription(description = ""): void {
	if (description.length > DESCRIPTION_MAX) {
		throw constraintViolated("description", description, `have length less than or equal to ${DESCRIPTION_MAX}`);
	}
}

/** An ARN that could be that of a managed policy, the account's or AWS's. */
export function checkPolicyArn(arn: string): void {
	if (!/^arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+$/.test(arn)) throw invalidArn(arn);
}
