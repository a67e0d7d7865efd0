import { type FilterTable, matcher } from "../../filters.ts";
import { page } from "../../pagination.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { taggableResources } from "./tags/taggable-resources.ts";

interface TagOfResource {
	readonly resourceId: string;
	readonly resourceType: string;
	readonly key: string;
	readonly value: string;
}

const FILTERS: FilterTable<TagOfResource> = {
	key: ({ key }) => key,
	"resource-id": ({ resourceId }) => resourceId,
	"resource-type": ({ resourceType }) => resourceType,
	value: ({ value }) => value,
};

/** The tags of everything, by resource and key; in pages (control-apis.md §2.8). */
export const DescribeTags: Ec2Operation<"DescribeTags"> = {
	run({ Filters, MaxResults, NextToken }, call) {
		const matches = matcher(Filters, FILTERS, (tag) => [tag]);
		const tags = taggableResources(call)
			.flatMap(({ resourceId, resourceType, tags }) => tags.map(({ key, value }) => ({ resourceId, resourceType, key, value })))
			.filter(matches);
		const { items, nextToken } = page(tags, { MaxResults, NextToken }, ({ resourceId, key }) => `${resourceId} ${key}`);
		return {
			Tags: items.map(({ resourceId, resourceType, key, value }) => ({
				ResourceId: resourceId,
				ResourceType: resourceType,
				Key: key,
				Value: value,
			})),
			NextToken: nextToken,
		};
	},
};
