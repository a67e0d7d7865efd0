import { listedRole } from "./descriptions.ts";
import { listNeed } from "./entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPathPrefix } from "./names.ts";
import { markedPage } from "./pages.ts";

export const ListRoles: IamOperation<"ListRoles"> = {
	access: ({ PathPrefix }, call) => [listNeed("role", PathPrefix, call)],
	run(input, call) {
		const pathPrefix = checkedPathPrefix(input.PathPrefix);
		const roles = [...call.records.role.values()].filter(({ path }) => path.startsWith(pathPrefix));
		const { items, ...page } = markedPage(roles, input, ({ roleName }) => roleName);
		return { Roles: items.map((role) => listedRole(role, call)), ...page };
	},
};
