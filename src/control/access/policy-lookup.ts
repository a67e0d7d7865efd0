// Managed policies by their ARNs: the account's own, and AWS's.

import { AWS_MANAGED_POLICIES } from "../../iam/managed-policies.ts";
import { type ManagedPolicy, iamArn } from "../../model/iam.ts";
import { derivedIamId } from "../../model/ids.ts";
import { partitionOf } from "../../model/region.ts";
import type { Account } from "../../model/account.ts";
import type { Records } from "../inventory.ts";

/** A managed policy and where it stands. */
export interface FoundPolicy {
	readonly arn: string;
	readonly policy: ManagedPolicy;
	/** AWS's own can't be changed. */
	readonly keeper: "account" | "aws";
}

/** The managed policy that an ARN names; `undefined`: none. */
export function policyOfArn(arn: string, records: Records, account: Account): FoundPolicy | undefined {
	const aws = awsPolicies(account).get(arn);
	if (aws !== undefined) return { arn, policy: aws, keeper: "aws" };
	const policy = records.policy.get(arn.slice(arn.lastIndexOf("/") + 1));
	return policy !== undefined && policyArn(policy, account) === arn ? { arn, policy, keeper: "account" } : undefined;
}

/** Every managed policy that can be attached, AWS's first. */
export function allPolicies(records: Records, account: Account): readonly FoundPolicy[] {
	return [
		...[...awsPolicies(account)].map(([arn, policy]) => ({ arn, policy, keeper: "aws" }) as const),
		...[...records.policy.values()].map((policy) => ({ arn: policyArn(policy, account), policy, keeper: "account" }) as const),
	];
}

/** The ARN of a policy of the account's own. */
export function policyArn({ path, policyName }: Pick<ManagedPolicy, "path" | "policyName">, account: Account): string {
	return iamArn(partitionOf(account.region).partition, account.accountId, "policy", path, policyName);
}

/** What counts of a policy: the JSON of its default version. */
export function defaultDocument({ versions, defaultVersionId }: ManagedPolicy): string {
	const version = versions.find(({ versionId }) => versionId === defaultVersionId);
	if (version === undefined) throw new Error(`a policy has no version ${defaultVersionId}, which is its default`);
	return version.policyDocument;
}

// Gap: AWS's policies are of many dates and have had many versions; here each has one, of the day when the first were published.
const AWS_POLICY_DATE = "2015-02-06T18:39:46Z";

const awsPoliciesByPartition = new Map<string, ReadonlyMap<string, ManagedPolicy>>();

function awsPolicies({ region }: Account): ReadonlyMap<string, ManagedPolicy> {
	const { partition } = partitionOf(region);
	let policies = awsPoliciesByPartition.get(partition);
	if (policies === undefined) {
		policies = new Map(
			AWS_MANAGED_POLICIES.map(({ policyName, path, description, document }) => [
				iamArn(partition, "aws", "policy", path, policyName),
				{
					policyName,
					path,
					description,
					policyId: derivedIamId("ANPA", "aws", policyName),
					versions: [{ versionId: "v1", policyDocument: JSON.stringify(document), createDate: AWS_POLICY_DATE }],
					defaultVersionId: "v1",
					createDate: AWS_POLICY_DATE,
					updateDate: AWS_POLICY_DATE,
				},
			]),
		);
		awsPoliciesByPartition.set(partition, policies);
	}
	return policies;
}
