// What every service asks of the tags in a request (control-apis.md §1.7, §2.8), with EC2's errors.

import type { Tag } from "../model/tag.ts";
import { duplicateTagKey, invalidTag, tagLimitExceeded } from "./errors.ts";

/** AWS: in characters, a resource. Tags that AWS set itself don't count (ec2/Using_Tags, restrictions). */
const KEY_MAX = 128;
const VALUE_MAX = 256;
const TAGS_MAX = 50;

/** The start of the keys of tags that AWS sets itself, and that nobody changes. */
const RESERVED = "aws:";

/** @throws {ApiError} for tags of a request that no resource may have, alone or together. */
export function checkTags(tags: readonly Tag[]): void {
	const keys = new Set<string>();
	for (const { key, value } of tags) {
		checkTagKey(key);
		if (charactersOf(value) > VALUE_MAX) throw invalidTag(`Tag value exceeds the maximum length of ${VALUE_MAX} characters`, value);
		if (keys.has(key)) throw duplicateTagKey(key);
		keys.add(key);
	}
	checkTagCount(tags);
}

/** @throws {ApiError} for a key that no request may set or take away. */
export function checkTagKey(key: string): void {
	if (key === "") throw invalidTag("Tag key is empty; it needs 1 to 128 characters");
	if (charactersOf(key) > KEY_MAX) throw invalidTag(`Tag key exceeds the maximum length of ${KEY_MAX} characters`, key);
	if (isReserved(key)) throw invalidTag("Tag keys starting with 'aws:' are reserved for internal use");
}

/** @throws {ApiError} for more tags than a resource may have. */
export function checkTagCount(tags: readonly Tag[]): void {
	if (tags.filter(({ key }) => !isReserved(key)).length > TAGS_MAX) throw tagLimitExceeded();
}

/** Whether AWS set the tag, and not a user. */
export function isReserved(key: string): boolean {
	return key.startsWith(RESERVED);
}

/** Of Unicode, as AWS counts. */
function charactersOf(text: string): number {
	return [...text].length;
}
