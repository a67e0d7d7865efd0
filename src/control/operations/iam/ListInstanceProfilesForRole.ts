import { listedProfile } from "./entities/descriptions.ts";
import { entityNeed, roleOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { markedPage } from "./entities/pages.ts";

export const ListInstanceProfilesForRole: IamOperation<"ListInstanceProfilesForRole"> = {
	access: ({ RoleName }, call) => [entityNeed("role", RoleName, call)],
	run(input, call) {
		const role = roleOf(input.RoleName, call.records);
		const profiles = [...call.records["instance-profile"].values()].filter(({ roleName }) => roleName === role.roleName);
		const { items, ...page } = markedPage(profiles, input, ({ instanceProfileName }) => instanceProfileName);
		return { InstanceProfiles: items.map((profile) => listedProfile(profile, call)), ...page };
	},
};
