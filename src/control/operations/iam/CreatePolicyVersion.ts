import type { PolicyVersion } from "../../../model/iam.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { limitExceeded, noSuchPolicy } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkManagedPolicy, ownPolicyOf, policyNeeds } from "./entities/own-policies.ts";
import { listedVersion, versionNumber } from "./entities/policy-versions.ts";

const VERSIONS_MAX = 5;

export const CreatePolicyVersion: IamOperation<"CreatePolicyVersion"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	async run({ PolicyArn, PolicyDocument, SetAsDefault = false }, call) {
		const { policyName } = ownPolicyOf(PolicyArn, call.records, "iam:CreatePolicyVersion", call);
		checkManagedPolicy(PolicyDocument);
		const createDate = timestamp(call.nowMs);
		const after = await call.inventory.update("policy", policyName, (before) => {
			if (before.versions.length >= VERSIONS_MAX) {
				throw limitExceeded(
					`A managed policy can have up to ${VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
				);
			}
			const versionsEver = (before.versionsEver ?? Math.max(...before.versions.map(versionNumber))) + 1;
			const version: PolicyVersion = { versionId: `v${versionsEver}`, policyDocument: PolicyDocument, createDate };
			return {
				...before,
				versions: [...before.versions, version],
				versionsEver,
				updateDate: createDate,
				...(SetAsDefault && { defaultVersionId: version.versionId }),
			};
		});
		const version = after?.versions.at(-1);
		if (after === undefined || version === undefined) throw noSuchPolicy(PolicyArn); // Deleted meanwhile.
		return { PolicyVersion: listedVersion(version, after) };
	},
};
