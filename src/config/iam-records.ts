// From a declaration to its records of IAM: policies, users, roles and instance profiles.

import type { Account } from "../model/account.ts";
import type { InlinePolicy, ManagedPolicy, PolicyHolder, User } from "../model/iam.ts";
import { derivedIamId } from "../model/ids.ts";
import type { Declaration } from "./declaration.ts";
import { declared, type DeclaredRecord, type History } from "./declared-record.ts";

type DeclaredPolicy = NonNullable<Declaration["policies"]>[number];
type DeclaredUser = NonNullable<Declaration["users"]>[number];

/** The records, those that nobody wrote down first. */
export function iamRecords(
	{ policies = [], users = [], roles = [], instanceProfiles = [] }: Declaration,
	{ accountId }: Account,
	history: History,
): readonly DeclaredRecord[] {
	const { before, now } = history;
	const profile = (instanceProfileName: string) => ({
		instanceProfileName,
		instanceProfileId: derivedIamId("AIPA", accountId, instanceProfileName),
		path: "/",
		createDate: before("instance-profile", instanceProfileName)?.createDate ?? now,
	});
	return [
		// AWS: the console of IAM makes an instance profile of the same name with every role for EC2.
		...roles.map(({ roleName, path = "/" }) => declared("instance-profile", { ...profile(roleName), path, roleName })),
		...policies.map((policy, index) => declared("policy", managedPolicy(policy, accountId, history), ["policies", index])),
		...users.map((user, index) => declared("user", userOf(user, accountId, history), ["users", index])),
		...roles.map(({ policies: inline, managedPolicyArns, ...role }, index) => {
			const { roleName } = role;
			const defaults = {
				roleId: derivedIamId("AROA", accountId, roleName),
				path: "/",
				createDate: before("role", roleName)?.createDate ?? now,
			};
			return declared("role", { ...defaults, ...role, ...holdings(inline, managedPolicyArns) }, ["roles", index]);
		}),
		...instanceProfiles.map(({ roles: [roleName] = [], ...rest }, index) =>
			declared("instance-profile", { ...profile(rest.instanceProfileName), ...rest, ...(roleName === undefined ? {} : { roleName }) }, [
				"instanceProfiles",
				index,
			]),
		),
	];
}

/** A policy with one version; with another document it is another one, of a later date. */
function managedPolicy({ policyDocument, ...policy }: DeclaredPolicy, accountId: string, { before, now }: History): ManagedPolicy {
	const was = before("policy", policy.policyName);
	const same = was?.versions[0]?.policyDocument === policyDocument;
	const updateDate = same ? was.updateDate : now;
	return {
		policyId: derivedIamId("ANPA", accountId, policy.policyName),
		path: "/",
		createDate: was?.createDate ?? now,
		updateDate,
		versions: [{ versionId: "v1", policyDocument, createDate: updateDate }],
		defaultVersionId: "v1",
		...policy,
	};
}

function userOf(
	{ policies, managedPolicyArns, accessKeys = [], ...user }: DeclaredUser,
	accountId: string,
	{ before, now }: History,
): User {
	const was = before("user", user.userName);
	return {
		userId: derivedIamId("AIDA", accountId, user.userName),
		path: "/",
		createDate: was?.createDate ?? now,
		accessKeys: accessKeys.map((key) => ({
			status: "Active",
			createDate: was?.accessKeys.find(({ accessKeyId }) => accessKeyId === key.accessKeyId)?.createDate ?? now,
			...key,
		})),
		...user,
		...holdings(policies, managedPolicyArns),
	};
}

function holdings(
	inlinePolicies: readonly InlinePolicy[] | undefined,
	attachedPolicyArns: readonly string[] | undefined,
): Pick<PolicyHolder, "inlinePolicies" | "attachedPolicyArns"> {
	return { ...(inlinePolicies && { inlinePolicies }), ...(attachedPolicyArns && { attachedPolicyArns }) };
}
