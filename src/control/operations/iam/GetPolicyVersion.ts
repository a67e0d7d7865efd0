import type { IamOperation } from "./iam-operation.ts";
import { policyNeeds, policyOf, versionOf } from "./entities/own-policies.ts";
import { describedVersion } from "./entities/policy-versions.ts";

export const GetPolicyVersion: IamOperation<"GetPolicyVersion"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	run({ PolicyArn, VersionId }, call) {
		const { policy } = policyOf(PolicyArn, call.records, call);
		return { PolicyVersion: describedVersion(versionOf(PolicyArn, policy, VersionId), policy) };
	},
};
