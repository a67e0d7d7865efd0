// The tags in a request of EC2, wherever one may have some (control-apis.md §1.7, §2.8).

import type { Tag } from "../../../../model/tag.ts";
import { invalidTaggableType, missingParameter } from "../../../errors.ts";
import type * as ec2 from "../../../models/ec2.ts";
import { checkTags } from "../../../tag-limits.ts";

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
