import { noSuchInstanceProfile, quotaExceeded } from "../../iam-errors.ts";
import { entityNeed, profileOf, roleOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

/** AWS: a profile holds one role, and whoever puts it there must be allowed to hand it to EC2. */
export const AddRoleToInstanceProfile: IamOperation<"AddRoleToInstanceProfile"> = {
	access: ({ InstanceProfileName, RoleName }, call) => [
		entityNeed("instance-profile", InstanceProfileName, call),
		{ ...entityNeed("role", RoleName, call, { "iam:PassedToService": "ec2.amazonaws.com" }), action: "iam:PassRole" },
	],
	async run({ InstanceProfileName, RoleName }, { inventory }) {
		// Nobody deletes the role meanwhile.
		await inventory.exclusively(async () => {
			const records = await inventory.records();
			profileOf(InstanceProfileName, records);
			roleOf(RoleName, records);
			const after = await inventory.update("instance-profile", InstanceProfileName, (before) => {
				if (before.roleName !== undefined) throw quotaExceeded("InstanceSessionsPerInstanceProfile", 1);
				return { ...before, roleName: RoleName };
			});
			if (after === undefined) throw noSuchInstanceProfile(InstanceProfileName);
		});
	},
};
