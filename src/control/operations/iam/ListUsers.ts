import { listedUser } from "./entities/descriptions.ts";
import { listNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPathPrefix } from "./entities/names.ts";
import { markedPage } from "./entities/pages.ts";

export const ListUsers: IamOperation<"ListUsers"> = {
	access: ({ PathPrefix }, call) => [listNeed("user", PathPrefix, call)],
	run(input, call) {
		const pathPrefix = checkedPathPrefix(input.PathPrefix);
		const users = [...call.records.user.values()].filter(({ path }) => path.startsWith(pathPrefix));
		const { items, ...page } = markedPage(users, input, ({ userName }) => userName);
		return { Users: items.map((user) => listedUser(user, call)), ...page };
	},
};
