import { noSuchRole } from "../../iam-errors.ts";
import { entityNeed, roleOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedTrustPolicy } from "./entities/trust-policies.ts";

export const UpdateAssumeRolePolicy: IamOperation<"UpdateAssumeRolePolicy"> = {
	access: ({ RoleName }, call) => [entityNeed("role", RoleName, call)],
	async run({ RoleName, PolicyDocument }, { records, inventory }) {
		roleOf(RoleName, records);
		const assumeRolePolicyDocument = checkedTrustPolicy(PolicyDocument);
		const after = await inventory.update("role", RoleName, (before) => ({ ...before, assumeRolePolicyDocument }));
		if (after === undefined) throw noSuchRole(RoleName); // Deleted meanwhile.
	},
};
