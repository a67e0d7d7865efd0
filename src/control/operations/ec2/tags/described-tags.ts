import type { Tag } from "../../../../model/tag.ts";
import type * as ec2 from "../../../models/ec2.ts";

/** Tags as the APIs show them; of a resource without any, none. */
export function describedTagSet(tags: readonly Tag[] = []): readonly ec2.Tag[] | undefined {
	return tags.length === 0 ? undefined : tags.map(({ key, value }) => ({ Key: key, Value: value }));
}
