import { listedRole } from "./entities/descriptions.ts";
import { listNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPathPrefix } from "./entities/names.ts";
import { markedPage } from "./entities/pages.ts";

export const ListRoles: IamOperation<"ListRoles"> = {
	access: ({ PathPrefix }, call) => [listNeed("role", PathPrefix, call)],
	run(input, call) {
		const pathPrefix = checkedPathPrefix(input.PathPrefix);
		const roles = [...call.records.role.values()].filter(({ path }) => path.startsWith(pathPrefix));
		const { items, ...page } = markedPage(roles, input, ({ roleName }) => roleName);
		return { Roles: items.map((role) => listedRole(role, call)), ...page };
	},
};
