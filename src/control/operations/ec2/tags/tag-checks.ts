// What EC2 asks of the tags in a request, wherever one may have some (control-apis.md §1.7, §2.8).

import type { Tag } from "../../../../model/tag.ts";
import { duplicateTagKey, invalidTag, invalidTaggableType, missingParameter, tagLimitExceeded } from "../../../errors.ts";
import type * as ec2 from "../../../models/ec2.ts";

/** AWS: in characters, a resource. Tags that AWS set itself don't count (ec2/Using_Tags, restrictions). */
const KEY_MAX = 128;
const VALUE_MAX = 256;
const TAGS_MAX = 50;

/** The start of the keys of tags that AWS sets itself, and that nobody changes. */
const RESERVED = "aws:";

/** The tags of a request as they are kept; nothing is checked yet. */
export function requestedTags(tags: readonly ec2.Tag[] | undefined): readonly Tag[] {
	return (tags ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
}

/** The tags that a request has for one type of resource, for `access`: nothing is checked yet. */
export function specifiedTags(specifications: readonly ec2.TagSpecification[] | undefined, resourceType: string): readonly Tag[] {
	return (specifications ?? []).filter((each) => each.ResourceType === resourceType).flatMap(({ Tags }) => requestedTags(Tags));
}

/**
 * The tags that a request has for one type of the resources it makes. All that it says of tags is checked.
 *
 * @param allowed the types that the operation makes, as in `ResourceType`.
 * @throws {ApiError} for a type that is not among them, and for what {@link checkTags} refuses.
 */
export function tagsOfSpecification(
	specifications: readonly ec2.TagSpecification[] | undefined,
	resourceType: string,
	allowed: readonly string[],
): readonly Tag[] {
	for (const [index, { ResourceType }] of (specifications ?? []).entries()) {
		if (ResourceType === undefined) throw missingParameter(`TagSpecification.${index + 1}.ResourceType`);
		if (!allowed.includes(ResourceType)) throw invalidTaggableType(ResourceType);
		checkTags(specifiedTags(specifications, ResourceType));
	}
	return specifiedTags(specifications, resourceType);
}

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
