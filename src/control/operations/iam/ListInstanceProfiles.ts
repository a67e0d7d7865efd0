import { listedProfile } from "./entities/descriptions.ts";
import { listNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPathPrefix } from "./entities/names.ts";
import { markedPage } from "./entities/pages.ts";

export const ListInstanceProfiles: IamOperation<"ListInstanceProfiles"> = {
	access: ({ PathPrefix }, call) => [listNeed("instance-profile", PathPrefix, call)],
	run(input, call) {
		const pathPrefix = checkedPathPrefix(input.PathPrefix);
		const profiles = [...call.records["instance-profile"].values()].filter(({ path }) => path.startsWith(pathPrefix));
		const { items, ...page } = markedPage(profiles, input, ({ instanceProfileName }) => instanceProfileName);
		return { InstanceProfiles: items.map((profile) => listedProfile(profile, call)), ...page };
	},
};
