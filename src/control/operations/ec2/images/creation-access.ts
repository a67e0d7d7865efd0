import type { Tag } from "../../../../model/tag.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn } from "../arns.ts";
import { requestTagContext } from "../../../request-tags.ts";

/**
 * The needs of making a resource: the operation's own, and with tags to tag what is made (control-apis.md §3.2).
 *
 * @param operation its name.
 * @param type of the resource, as in ARNs.
 * @param id where the request chooses it.
 */
export function creationNeeds(
	call: Call,
	{ operation, type, tags, id = "*" }: { operation: string; type: string; tags: readonly Tag[]; id?: string },
): readonly AccessNeed[] {
	const resource = ec2Arn(call, type, id);
	const context = requestTagContext(tags);
	if (tags.length === 0) return [{ resource }];
	return [
		{ resource, context },
		{ action: "ec2:CreateTags", resource, context: { ...context, "ec2:CreateAction": operation } },
	];
}
