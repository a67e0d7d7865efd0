// How IAM tells of what it keeps.

import { EC2_TRUST_POLICY, type InstanceProfile, type PolicyHolder, type Role, type User } from "../../../../model/iam.ts";
import type { IamOperations } from "../../../models/iam.ts";
import type { Records } from "../../../inventory.ts";
import type { Call } from "../../../operation.ts";
import type { FoundPolicy } from "../../../access/policy-lookup.ts";
import { entityArn } from "./entities.ts";
import { encodedDocument } from "../../../access/policy-documents.ts";
import { wireTags } from "../../../iam-tags.ts";

type DescribedRole = NonNullable<IamOperations["GetRole"]["output"]["Role"]>;
type DescribedUser = NonNullable<IamOperations["GetUser"]["output"]["User"]>;
type DescribedProfile = NonNullable<IamOperations["GetInstanceProfile"]["output"]["InstanceProfile"]>;
type DescribedPolicy = NonNullable<IamOperations["GetPolicy"]["output"]["Policy"]>;

/** A role as lists tell of it. AWS: without its tags and its boundary. */
export function listedRole(role: Role, call: Call): DescribedRole {
	const { path, roleName, roleId, createDate, description, maxSessionDurationSeconds = 3_600 } = role;
	return {
		Path: path,
		RoleName: roleName,
		RoleId: roleId,
		Arn: entityArn("role", path, roleName, call),
		CreateDate: dateOf(createDate),
		AssumeRolePolicyDocument: encodedDocument(JSON.stringify(role.assumeRolePolicyDocument ?? EC2_TRUST_POLICY)),
		Description: description,
		MaxSessionDuration: maxSessionDurationSeconds,
	};
}

/** A role on its own. */
export function describedRole(role: Role, call: Call): DescribedRole {
	return { ...listedRole(role, call), ...boundaryAndTags(role) };
}

export function listedUser({ path, userName, userId, createDate }: User, call: Call): DescribedUser {
	return { Path: path, UserName: userName, UserId: userId, Arn: entityArn("user", path, userName, call), CreateDate: dateOf(createDate) };
}

export function describedUser(user: User, call: Call): DescribedUser {
	return { ...listedUser(user, call), ...boundaryAndTags(user) };
}

export function listedProfile(profile: InstanceProfile, call: Call): DescribedProfile {
	const { path, instanceProfileName, instanceProfileId, roleName, createDate } = profile;
	const role = roleName === undefined ? undefined : call.records.role.get(roleName);
	return {
		Path: path,
		InstanceProfileName: instanceProfileName,
		InstanceProfileId: instanceProfileId,
		Arn: entityArn("instance-profile", path, instanceProfileName, call),
		CreateDate: dateOf(createDate),
		Roles: role === undefined ? [] : [listedRole(role, call)],
	};
}

export function describedProfile(profile: InstanceProfile, call: Call): DescribedProfile {
	return { ...listedProfile(profile, call), Tags: wireTags(profile.tags ?? []) };
}

export function listedPolicy({ arn, policy }: FoundPolicy, records: Records): DescribedPolicy {
	const { policyName, policyId, path, defaultVersionId, createDate, updateDate } = policy;
	const { attachments, boundaries } = policyUse(arn, records);
	return {
		PolicyName: policyName,
		PolicyId: policyId,
		Arn: arn,
		Path: path,
		DefaultVersionId: defaultVersionId,
		AttachmentCount: attachments,
		PermissionsBoundaryUsageCount: boundaries,
		IsAttachable: true,
		CreateDate: dateOf(createDate),
		UpdateDate: dateOf(updateDate),
	};
}

export function describedPolicy(found: FoundPolicy, records: Records): DescribedPolicy {
	const { description, tags = [] } = found.policy;
	return { ...listedPolicy(found, records), Description: description, Tags: wireTags(tags) };
}

/** How many roles and users a managed policy is attached to, and how many it bounds. */
export function policyUse(arn: string, { role, user }: Records): { readonly attachments: number; readonly boundaries: number } {
	const holders: readonly PolicyHolder[] = [...role.values(), ...user.values()];
	return {
		attachments: holders.filter(({ attachedPolicyArns = [] }) => attachedPolicyArns.includes(arn)).length,
		boundaries: holders.filter(({ permissionsBoundary }) => permissionsBoundary === arn).length,
	};
}

/** Quirk: what a configuration file declares was made at no time; clients find a date everywhere on AWS, and some rely on it. */
export function dateOf(createDate = "1970-01-01T00:00:00Z"): Date {
	return new Date(createDate);
}

function boundaryAndTags({ permissionsBoundary, tags = [] }: PolicyHolder): Pick<DescribedRole, "PermissionsBoundary" | "Tags"> {
	return {
		PermissionsBoundary:
			permissionsBoundary === undefined
				? undefined
				: { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: permissionsBoundary },
		Tags: wireTags(tags),
	};
}
