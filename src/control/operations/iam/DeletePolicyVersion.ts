import { timestamp } from "../../../model/timestamp.ts";
import { deleteConflict, noSuchPolicy } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { ownPolicyOf, policyNeeds, versionOf } from "./entities/own-policies.ts";

export const DeletePolicyVersion: IamOperation<"DeletePolicyVersion"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	async run({ PolicyArn, VersionId }, call) {
		const { policyName } = ownPolicyOf(PolicyArn, call.records, "iam:DeletePolicyVersion", call);
		const after = await call.inventory.update("policy", policyName, (before) => {
			const version = versionOf(PolicyArn, before, VersionId);
			if (VersionId === before.defaultVersionId) throw deleteConflict("Cannot delete the default version of a policy.");
			return { ...before, versions: before.versions.filter((each) => each !== version), updateDate: timestamp(call.nowMs) };
		});
		if (after === undefined) throw noSuchPolicy(PolicyArn); // Deleted meanwhile.
	},
};
