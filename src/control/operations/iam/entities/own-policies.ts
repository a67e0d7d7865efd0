// The account's own managed policies, as requests name them.

import type { ManagedPolicy, PolicyVersion } from "../../../../model/iam.ts";
import { noSuchPolicy, noSuchPolicyVersion, ownedByAws, quotaExceeded } from "../../../iam-errors.ts";
import type { Records } from "../../../inventory.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { type FoundPolicy, policyOfArn } from "../../../access/policy-lookup.ts";
import { resourceTagContext } from "./entities.ts";
import { checkPolicyArn } from "./names.ts";
import { checkedPolicy, policySize } from "../../../access/policy-documents.ts";

/** AWS: characters of a managed policy (IAM guide, "IAM and AWS STS quotas"). */
const SIZE_MAX = 6_144;

/** The need to do something with a managed policy. */
export function policyNeeds(policyArn: string, { records, account }: Call): readonly AccessNeed[] {
	return [{ resource: policyArn, context: resourceTagContext(policyOfArn(policyArn, records, account)?.policy.tags) }];
}

/** @throws {ApiError} for an ARN that no managed policy has. */
export function policyOf(policyArn: string, records: Records, { account }: Call): FoundPolicy {
	checkPolicyArn(policyArn);
	const found = policyOfArn(policyArn, records, account);
	if (found === undefined) throw noSuchPolicy(policyArn);
	return found;
}

/** @throws {ApiError} for one of AWS's, too. */
export function ownPolicyOf(policyArn: string, records: Records, action: string, call: Call): ManagedPolicy {
	const { keeper, policy } = policyOf(policyArn, records, call);
	if (keeper === "aws") throw ownedByAws(call.principal.arn, action, policyArn);
	return policy;
}

export function versionOf(policyArn: string, { versions }: ManagedPolicy, versionId: string): PolicyVersion {
	const version = versions.find((each) => each.versionId === versionId);
	if (version === undefined) throw noSuchPolicyVersion(policyArn, versionId);
	return version;
}

/** The text of a new managed policy, as it was given. */
export function checkManagedPolicy(document: string): void {
	checkedPolicy(document, "identity");
	if (policySize(document) > SIZE_MAX) throw quotaExceeded("PolicySize", SIZE_MAX);
}
