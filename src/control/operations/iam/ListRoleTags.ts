import { entityNeed, roleOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { markedPage } from "./entities/pages.ts";
import { wireTags } from "../../iam-tags.ts";

export const ListRoleTags: IamOperation<"ListRoleTags"> = {
	access: ({ RoleName }, call) => [entityNeed("role", RoleName, call)],
	run(input, { records }) {
		const { items: Tags, ...page } = markedPage(wireTags(roleOf(input.RoleName, records).tags ?? []), input, ({ Key }) => Key);
		return { Tags, ...page };
	},
};
