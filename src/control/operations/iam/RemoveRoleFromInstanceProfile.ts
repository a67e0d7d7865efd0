import { noSuchInstanceProfile, noSuchRole } from "../../iam-errors.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

/** Instances with the profile lose their credentials with it. */
export const RemoveRoleFromInstanceProfile: IamOperation<"RemoveRoleFromInstanceProfile"> = {
	access: ({ InstanceProfileName }, call) => [entityNeed("instance-profile", InstanceProfileName, call)],
	async run({ InstanceProfileName, RoleName }, { inventory }) {
		const after = await inventory.update("instance-profile", InstanceProfileName, ({ roleName, ...profile }) => {
			if (roleName !== RoleName) throw noSuchRole(RoleName);
			return profile;
		});
		if (after === undefined) throw noSuchInstanceProfile(InstanceProfileName);
	},
};
