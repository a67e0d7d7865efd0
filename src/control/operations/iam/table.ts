import type { IamOperations } from "../../models/iam.ts";
import { AddRoleToInstanceProfile } from "./AddRoleToInstanceProfile.ts";
import { AttachRolePolicy } from "./AttachRolePolicy.ts";
import { AttachUserPolicy } from "./AttachUserPolicy.ts";
import { CreateAccessKey } from "./CreateAccessKey.ts";
import { CreateInstanceProfile } from "./CreateInstanceProfile.ts";
import { CreatePolicy } from "./CreatePolicy.ts";
import { CreatePolicyVersion } from "./CreatePolicyVersion.ts";
import { CreateRole } from "./CreateRole.ts";
import { CreateUser } from "./CreateUser.ts";
import { DeleteAccessKey } from "./DeleteAccessKey.ts";
import { DeleteInstanceProfile } from "./DeleteInstanceProfile.ts";
import { DeletePolicy } from "./DeletePolicy.ts";
import { DeletePolicyVersion } from "./DeletePolicyVersion.ts";
import { DeleteRole } from "./DeleteRole.ts";
import { DeleteRolePermissionsBoundary } from "./DeleteRolePermissionsBoundary.ts";
import { DeleteRolePolicy } from "./DeleteRolePolicy.ts";
import { DeleteUser } from "./DeleteUser.ts";
import { DeleteUserPermissionsBoundary } from "./DeleteUserPermissionsBoundary.ts";
import { DeleteUserPolicy } from "./DeleteUserPolicy.ts";
import { DetachRolePolicy } from "./DetachRolePolicy.ts";
import { DetachUserPolicy } from "./DetachUserPolicy.ts";
import { GetInstanceProfile } from "./GetInstanceProfile.ts";
import { GetPolicy } from "./GetPolicy.ts";
import { GetPolicyVersion } from "./GetPolicyVersion.ts";
import { GetRole } from "./GetRole.ts";
import { GetRolePolicy } from "./GetRolePolicy.ts";
import { GetUser } from "./GetUser.ts";
import { GetUserPolicy } from "./GetUserPolicy.ts";
import type { IamOperation } from "./iam-operation.ts";
import { ListAccessKeys } from "./ListAccessKeys.ts";
import { ListAttachedRolePolicies } from "./ListAttachedRolePolicies.ts";
import { ListAttachedUserPolicies } from "./ListAttachedUserPolicies.ts";
import { ListInstanceProfiles } from "./ListInstanceProfiles.ts";
import { ListInstanceProfilesForRole } from "./ListInstanceProfilesForRole.ts";
import { ListPolicies } from "./ListPolicies.ts";
import { ListPolicyVersions } from "./ListPolicyVersions.ts";
import { ListRolePolicies } from "./ListRolePolicies.ts";
import { ListRoles } from "./ListRoles.ts";
import { ListRoleTags } from "./ListRoleTags.ts";
import { ListUserPolicies } from "./ListUserPolicies.ts";
import { ListUsers } from "./ListUsers.ts";
import { PutRolePermissionsBoundary } from "./PutRolePermissionsBoundary.ts";
import { PutRolePolicy } from "./PutRolePolicy.ts";
import { PutUserPermissionsBoundary } from "./PutUserPermissionsBoundary.ts";
import { PutUserPolicy } from "./PutUserPolicy.ts";
import { RemoveRoleFromInstanceProfile } from "./RemoveRoleFromInstanceProfile.ts";
import { SetDefaultPolicyVersion } from "./SetDefaultPolicyVersion.ts";
import { SimulatePrincipalPolicy } from "./SimulatePrincipalPolicy.ts";
import { TagRole } from "./TagRole.ts";
import { TagUser } from "./TagUser.ts";
import { UntagRole } from "./UntagRole.ts";
import { UntagUser } from "./UntagUser.ts";
import { UpdateAccessKey } from "./UpdateAccessKey.ts";
import { UpdateAssumeRolePolicy } from "./UpdateAssumeRolePolicy.ts";

/** Every operation of IAM that there is here: one missing, or one too many, does not compile. */
export const IAM_OPERATIONS: { readonly [Name in keyof IamOperations]: IamOperation<Name> } = {
	CreateRole,
	GetRole,
	ListRoles,
	DeleteRole,
	UpdateAssumeRolePolicy,
	PutRolePolicy,
	GetRolePolicy,
	ListRolePolicies,
	DeleteRolePolicy,
	AttachRolePolicy,
	DetachRolePolicy,
	ListAttachedRolePolicies,
	PutRolePermissionsBoundary,
	DeleteRolePermissionsBoundary,
	TagRole,
	UntagRole,
	ListRoleTags,
	CreatePolicy,
	GetPolicy,
	GetPolicyVersion,
	ListPolicies,
	ListPolicyVersions,
	CreatePolicyVersion,
	DeletePolicyVersion,
	SetDefaultPolicyVersion,
	DeletePolicy,
	CreateInstanceProfile,
	GetInstanceProfile,
	ListInstanceProfiles,
	ListInstanceProfilesForRole,
	AddRoleToInstanceProfile,
	RemoveRoleFromInstanceProfile,
	DeleteInstanceProfile,
	CreateUser,
	GetUser,
	ListUsers,
	DeleteUser,
	PutUserPolicy,
	GetUserPolicy,
	ListUserPolicies,
	DeleteUserPolicy,
	AttachUserPolicy,
	DetachUserPolicy,
	ListAttachedUserPolicies,
	PutUserPermissionsBoundary,
	DeleteUserPermissionsBoundary,
	TagUser,
	UntagUser,
	CreateAccessKey,
	ListAccessKeys,
	UpdateAccessKey,
	DeleteAccessKey,
	SimulatePrincipalPolicy,
};
