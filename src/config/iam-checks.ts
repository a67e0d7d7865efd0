// What declared roles, users and instance profiles must be for each other, and for the policies that there are.

import { awsManagedPolicy } from "../iam/managed-policies.ts";
import { iamArn, type InstanceProfile, type PolicyHolder, type User } from "../model/iam.ts";
import { InvalidValue, unknownName } from "../model/invalid-value.ts";
import { partitionOf } from "../model/region.ts";
import type { DeclaredWorld } from "./declared-world.ts";

type Path = readonly (string | number)[];

/**
 * Policies that are attached and that there are not.
 *
 * Gap: of AWS's own there are many more than are known here. They may be attached, and allow nothing.
 */
export function checkHolder(
	{ attachedPolicyArns = [], permissionsBoundary }: PolicyHolder,
	at: Path,
	{ account, policies }: DeclaredWorld,
): readonly InvalidValue[] {
	const { partition } = partitionOf(account.region);
	const known = new Map(
		[...policies.values()].map((policy) => [iamArn(partition, account.accountId, "policy", policy.path, policy.policyName), policy]),
	);
	const check = (arn: string, field: Path) =>
		known.has(arn) ? [] : [new InvalidValue([...at, ...field], unknownName("policy", arn, known))];
	return [
		...attachedPolicyArns.flatMap((arn, index) => (arn.includes("::aws:") ? [] : check(arn, ["managedPolicyArns", index]))),
		// A boundary that is not known leaves nothing allowed: nobody means that.
		...(permissionsBoundary === undefined || awsManagedPolicy(permissionsBoundary) !== undefined
			? []
			: check(permissionsBoundary, ["permissionsBoundary"])),
	];
}

/** Who asks is told by the access key, so no two users may have one. */
export function checkUser(user: User, at: Path, world: DeclaredWorld): readonly InvalidValue[] {
	const { userName, accessKeys } = user;
	const others = [...world.users.values()].filter((user) => user.userName !== userName);
	return [
		...checkHolder(user, at, world),
		...accessKeys.flatMap(({ accessKeyId }, index) => {
			const other = others.find((user) => user.accessKeys.some((key) => key.accessKeyId === accessKeyId));
			// It does not say which, lest it be a secret in the wrong place.
			const message = `is an access key of ${other?.userName} already; allowed: one of its own`;
			return other === undefined ? [] : [new InvalidValue([...at, "accessKeys", index, "accessKeyId"], message)];
		}),
	];
}

export function checkProfile({ roleName }: InstanceProfile, at: Path, { roles }: DeclaredWorld): readonly InvalidValue[] {
	return roleName === undefined || roles.has(roleName) ? [] : [new InvalidValue([...at, "roles", 0], unknownName("role", roleName, roles))];
}
