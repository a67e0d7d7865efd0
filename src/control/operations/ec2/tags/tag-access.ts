import type { Tag } from "../../../../model/tag.ts";
import { resourceTypeOf } from "../../../errors.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn, tagContext } from "../arns.ts";
import { requestTagContext } from "../../../request-tags.ts";
import { instanceNeeds } from "../instances/instance-access.ts";
import { knownResources } from "./taggable-resources.ts";

/** The need to change tags of resources: one for each, with what is known of those that exist. */
export function tagNeeds(resourceIds: readonly string[], tags: readonly Tag[], call: Call): readonly AccessNeed[] {
	const asked = requestTagContext(tags);
	const known = new Map(knownResources(resourceIds, call).map((resource) => [resource.resourceId, resource]));
	return resourceIds.flatMap((id): readonly AccessNeed[] => {
		const type = resourceTypeOf(id);
		if (type === undefined) return [{ resource: "*", context: asked }];
		if (type === "instance") return instanceNeeds([id], call, asked);
		const resource = known.get(id);
		return [{ resource: ec2Arn(call, type, resource?.arnId ?? id), context: { ...tagContext(resource?.tags), ...asked } }];
	});
}
