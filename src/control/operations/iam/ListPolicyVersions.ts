import type { IamOperation } from "./iam-operation.ts";
import { policyNeeds, policyOf } from "./entities/own-policies.ts";
import { markedPage } from "./entities/pages.ts";
import { listedVersion, versionNumber } from "./entities/policy-versions.ts";

/** AWS: the newest first. */
export const ListPolicyVersions: IamOperation<"ListPolicyVersions"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	run(input, call) {
		const { policy } = policyOf(input.PolicyArn, call.records, call);
		const { items, ...page } = markedPage(policy.versions, input, (version) => descending(versionNumber(version)));
		return { Versions: items.map((version) => listedVersion(version, policy)), ...page };
	},
};

/** A key that is the smaller, the greater the number. */
function descending(number: number): string {
	return String(Number.MAX_SAFE_INTEGER - number);
}
