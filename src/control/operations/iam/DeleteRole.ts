import { deleteConflict, noSuchRole } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkWithoutPolicies } from "./entities/deletable.ts";
import { entityNeed, roleOf } from "./entities/entities.ts";

export const DeleteRole: IamOperation<"DeleteRole"> = {
	access: ({ RoleName }, call) => [entityNeed("role", RoleName, call)],
	async run({ RoleName }, { inventory }) {
		await inventory.exclusively(async () => {
			const records = await inventory.records();
			const role = roleOf(RoleName, records);
			if ([...records["instance-profile"].values()].some(({ roleName }) => roleName === RoleName)) {
				throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
			}
			checkWithoutPolicies(role);
			if (!(await inventory.remove("role", RoleName, `The role ${RoleName}`))) throw noSuchRole(RoleName);
		});
	},
};
