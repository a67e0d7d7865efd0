import { deleteConflict, noSuchUser } from "../../iam-errors.ts";
import { checkWithoutPolicies } from "./entities/deletable.ts";
import { entityNeed, userOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteUser: IamOperation<"DeleteUser"> = {
	access: ({ UserName }, call) => [entityNeed("user", UserName, call)],
	async run({ UserName }, { inventory }) {
		await inventory.exclusively(async () => {
			const user = userOf(UserName, await inventory.records());
			if (user.accessKeys.length > 0) throw deleteConflict("Cannot delete entity, must delete access keys first.");
			checkWithoutPolicies(user);
			if (!(await inventory.remove("user", UserName, `The user ${UserName}`))) throw noSuchUser(UserName);
		});
	},
};
