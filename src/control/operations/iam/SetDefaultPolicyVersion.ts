import { timestamp } from "../../../model/timestamp.ts";
import { noSuchPolicy } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { ownPolicyOf, policyNeeds, versionOf } from "./entities/own-policies.ts";

export const SetDefaultPolicyVersion: IamOperation<"SetDefaultPolicyVersion"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	async run({ PolicyArn, VersionId }, call) {
		const { policyName } = ownPolicyOf(PolicyArn, call.records, "iam:SetDefaultPolicyVersion", call);
		const after = await call.inventory.update("policy", policyName, (before) => {
			const { versionId } = versionOf(PolicyArn, before, VersionId);
			return { ...before, defaultVersionId: versionId, updateDate: timestamp(call.nowMs) };
		});
		if (after === undefined) throw noSuchPolicy(PolicyArn); // Deleted meanwhile.
	},
};
