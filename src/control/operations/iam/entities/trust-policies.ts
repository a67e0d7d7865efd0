import type { PolicyDocument } from "../../../../model/iam.ts";
import { quotaExceeded } from "../../../iam-errors.ts";
import { checkedPolicy, policySize } from "../../../access/policy-documents.ts";

/** AWS: characters, for accounts that asked for as many as there can be; 2048 otherwise (IAM guide, "IAM and AWS STS quotas"). */
const SIZE_MAX = 8_192;

/**
 * Reads a role's trust policy.
 *
 * Gap: AWS looks whether the users and roles that it names exist.
 */
export function checkedTrustPolicy(document: string): PolicyDocument {
	checkedPolicy(document, "trust");
	if (policySize(document) > SIZE_MAX) throw quotaExceeded("ACLSizePerRole", SIZE_MAX);
	return JSON.parse(document) as PolicyDocument;
}
