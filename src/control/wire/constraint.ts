import { WireError } from "./wire-error.ts";

/**
 * A value that is of its type and still not allowed, or is not there.
 *
 * AWS: the services' common framework says it so, with the names of members in lower camel case.
 *
 * @param value as it is told: `'text'`, `null`.
 * @param place names of members and numbers of items with dots between them.
 */
export function constraintMessage(value: string, place: string, constraint: string): string {
	const lowered = place.replaceAll(/(^|\.)[A-Z]/g, (letter) => letter.toLowerCase());
	return `1 validation error detected: Value ${value} at '${lowered}' failed to satisfy constraint: ${constraint}`;
}

/** What is said of a member that must be there, by the names that lead to it. */
export type MissingMember = (place: string) => WireError;

/** Most services': a member that is null. */
export function nullMember(code: string): MissingMember {
	return (place) => new WireError(code, constraintMessage("null", place, "Member must not be null"));
}

/** AWS: CloudWatch's own (control-apis.md §2.12). */
export function missingParameter(place: string): WireError {
	return new WireError("MissingParameter", `The parameter ${place} is required.`);
}

/** The constraint on a string that can't be just any. */
export function enumConstraint(values: Iterable<string>): string {
	return `Member must satisfy enum value set: [${[...values].join(", ")}]`;
}
