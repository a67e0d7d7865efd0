import { deleteConflict, noSuchInstanceProfile } from "../../iam-errors.ts";
import { entityNeed, profileOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteInstanceProfile: IamOperation<"DeleteInstanceProfile"> = {
	access: ({ InstanceProfileName }, call) => [entityNeed("instance-profile", InstanceProfileName, call)],
	async run({ InstanceProfileName }, { inventory }) {
		// Nobody adds a role meanwhile.
		await inventory.exclusively(async () => {
			const { roleName } = profileOf(InstanceProfileName, await inventory.records());
			if (roleName !== undefined) throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
			const removed = await inventory.remove("instance-profile", InstanceProfileName, `The instance profile ${InstanceProfileName}`);
			if (!removed) throw noSuchInstanceProfile(InstanceProfileName);
		});
	},
};
