import type { Tag } from "../../../model/tag.ts";
import { checkTagCount, checkTags } from "../../tag-limits.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { tagNeeds } from "./tags/tag-access.ts";
import { requestedTags } from "./tags/tag-checks.ts";
import { changeTags, taggedResources } from "./tags/taggable-resources.ts";

/** Gives tags to resources of any type, or other values to tags that they have (control-apis.md §2.8). */
export const CreateTags: Ec2Operation<"CreateTags"> = {
	access: ({ Resources, Tags }, call) => tagNeeds(Resources, requestedTags(Tags), call),
	async run({ Resources, Tags }, call) {
		const resources = taggedResources(Resources, call);
		const tags = requestedTags(Tags);
		checkTags(tags);
		await changeTags(resources, call, (before) => {
			const after = merged(before, tags);
			checkTagCount(after);
			return after;
		});
	},
};

/** New values where keys are known, and new keys behind. */
function merged(before: readonly Tag[], tags: readonly Tag[]): readonly Tag[] {
	return [...new Map([...before, ...tags].map((tag) => [tag.key, tag])).values()];
}
