import { deleteConflict, noSuchPolicy } from "../../iam-errors.ts";
import { policyUse } from "./entities/descriptions.ts";
import type { IamOperation } from "./iam-operation.ts";
import { ownPolicyOf, policyNeeds } from "./entities/own-policies.ts";

export const DeletePolicy: IamOperation<"DeletePolicy"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	async run({ PolicyArn }, call) {
		const { inventory } = call;
		// Nobody attaches the policy meanwhile.
		await inventory.exclusively(async () => {
			const records = await inventory.records();
			const { policyName, versions } = ownPolicyOf(PolicyArn, records, "iam:DeletePolicy", call);
			const { attachments, boundaries } = policyUse(PolicyArn, records);
			if (attachments + boundaries > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
			if (versions.length > 1) {
				throw deleteConflict(
					"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
				);
			}
			if (!(await inventory.remove("policy", policyName, `The policy ${PolicyArn}`))) throw noSuchPolicy(PolicyArn);
		});
	},
};
