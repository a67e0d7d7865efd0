// Tags of roles, users, policies and sessions.

import type { Tag } from "../model/tag.ts";
import { constraintViolated } from "./errors.ts";
import { invalidInput, limitExceeded } from "./iam-errors.ts";

/** A tag as IAM's and STS's models have it. */
export interface WireTag {
	readonly Key: string;
	readonly Value: string;
}

/** AWS: of one role, user, policy or session (IAM guide, "IAM and AWS STS quotas"). */
const TAGS_MAX = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/**
 * Looks at the tags of a request.
 *
 * @throws {ApiError} for keys and values of other characters, a key that is AWS's, and one that stands there twice.
 */
export function checkTags(tags: readonly WireTag[]): void {
	checkTagCount(tags);
	tags.forEach(({ Key, Value }, index) => {
		if (!KEY.test(Key))
			throw constraintViolated(`tags.${index + 1}.member.key`, Key, `satisfy regular expression pattern: ${patternOf(KEY)}`);
		if (!VALUE.test(Value)) {
			throw constraintViolated(`tags.${index + 1}.member.value`, Value, `satisfy regular expression pattern: ${patternOf(VALUE)}`);
		}
		if (/^aws:/i.test(Key)) throw invalidInput(`The tag key '${Key}' is not allowed: keys that begin with aws: are AWS's own.`);
	});
	if (new Set(tags.map(({ Key }) => folded(Key))).size < tags.length) {
		throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
	}
}

/** The tags with others added; those of the same key are replaced. @throws {ApiError} for more than there may be. */
export function mergedTags(before: readonly Tag[] = [], added: readonly WireTag[]): readonly Tag[] {
	const keys = new Set(added.map(({ Key }) => folded(Key)));
	const after = [...before.filter(({ key }) => !keys.has(folded(key))), ...modelTags(added)];
	checkTagCount(after);
	return after;
}

/** The tags without those of some keys. */
export function remainingTags(before: readonly Tag[] = [], removedKeys: readonly string[]): readonly Tag[] {
	const keys = new Set(removedKeys.map(folded));
	return before.filter(({ key }) => !keys.has(folded(key)));
}

export function modelTags(tags: readonly WireTag[]): readonly Tag[] {
	return tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
}

export function wireTags(tags: readonly Tag[]): readonly WireTag[] {
	return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/** AWS: keys are told apart whatever their case, and kept as they were given (IAM guide, "Rules for tagging"). */
function folded(key: string): string {
	return key.toLowerCase();
}

function checkTagCount({ length }: readonly unknown[]): void {
	if (length > TAGS_MAX) throw limitExceeded(`The number of tags has reached the maximum limit: ${length} tags are more than ${TAGS_MAX}.`);
}

function patternOf({ source }: RegExp): string {
	return source.slice(1, -1);
}
