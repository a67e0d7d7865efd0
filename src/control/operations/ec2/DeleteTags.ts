import { checkTagKey, isReserved } from "../../tag-limits.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { tagNeeds } from "./tags/tag-access.ts";
import { requestedTags } from "./tags/tag-checks.ts";
import { changeTags, taggedResources } from "./tags/taggable-resources.ts";

/**
 * Takes tags from resources; what they don't have is nothing to take (control-apis.md §2.8).
 *
 * AWS: a tag named without a value goes whatever its value is, and one named with a value, even an empty one, only if that is its
 * value. Without any, all go but those that AWS set.
 */
export const DeleteTags: Ec2Operation<"DeleteTags"> = {
	access: ({ Resources, Tags }, call) => tagNeeds(Resources, requestedTags(Tags), call),
	async run({ Resources, Tags = [] }, call) {
		const resources = taggedResources(Resources, call);
		for (const { Key = "" } of Tags) checkTagKey(Key);
		const goes = (key: string, value: string) =>
			Tags.length === 0 ? !isReserved(key) : Tags.some(({ Key, Value }) => Key === key && (Value ?? value) === value);
		await changeTags(resources, call, (before) => before.filter(({ key, value }) => !goes(key, value)));
	},
};
