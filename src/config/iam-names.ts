// What names and paths of IAM may look like. AWS: the patterns of the IAM API reference.

import { matching } from "./field.ts";

/** Letters that every name may have; "." and ".." would be no path segments of the metadata tree. */
export function iamName(maxLength: number) {
	return matching(new RegExp(`^(?!\\.{1,2}$)[0-9A-Za-z_+=,.@-]{1,${maxLength}}$`), `1 to ${maxLength} letters, digits and _+=,.@-`);
}

export const IAM_PATH = matching(/^(?=.{1,512}$)\/([0-9A-Za-z_+=,.@-]+\/)*$/, "/ or a path that begins and ends with /, such as /team/");

/** A unique id: its four letters tell what it is of. */
export function iamId(prefix: "AROA" | "AIPA" | "AIDA" | "ANPA") {
	return matching(new RegExp(`^${prefix}[0-9A-Z]{8,60}$`), `${prefix} and 8 to 60 capital letters or digits`);
}

export const POLICY_ARN = matching(
	/^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/([0-9A-Za-z_+=,.@-]+\/)*[0-9A-Za-z_+=,.@-]{1,128}$/,
	"the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess",
);
