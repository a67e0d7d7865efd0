// What IAM keeps by name: their ARNs, what policies may ask of them, and names that are given once.

import { iamArn, type InstanceProfile, type Role, type User } from "../../../../model/iam.ts";
import { recordId, type RecordTypes } from "../../../../model/records.ts";
import type { Tag } from "../../../../model/tag.ts";
import type { ApiError } from "../../../errors.ts";
import { noSuchInstanceProfile, noSuchRole, noSuchUser } from "../../../iam-errors.ts";
import type { Records } from "../../../inventory.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { requestTagContext } from "../../../request-tags.ts";
import { modelTags, type WireTag } from "../../../iam-tags.ts";

/** Named as in records and in ARNs. */
export type EntityKind = "role" | "user" | "instance-profile" | "policy";

export function entityArn(
	kind: EntityKind,
	path: string,
	name: string,
	{ partition, account }: Pick<Call, "partition" | "account">,
): string {
	return iamArn(partition, account.accountId, kind, path, name);
}

/**
 * The need to do something with what has a name: on its ARN, with its tags, and its permissions boundary.
 *
 * @param requested condition keys of what is asked for.
 */
export function entityNeed(kind: EntityKind, name: string, call: Call, requested: AccessNeed["context"] = {}): AccessNeed {
	const entity: { readonly path: string; readonly tags?: readonly Tag[]; readonly permissionsBoundary?: string } | undefined =
		call.records[kind].get(name);
	return {
		resource: entityArn(kind, entity?.path ?? "/", name, call),
		context: { ...resourceTagContext(entity?.tags), "iam:PermissionsBoundary": entity?.permissionsBoundary, ...requested },
	};
}

/**
 * The needs of making something: the operation's own, and where it is tagged, the action that tags it.
 *
 * @param tagAction such as `iam:TagRole`.
 */
export function creationNeeds(
	kind: EntityKind,
	{
		Path = "/",
		name,
		Tags = [],
	}: { readonly Path?: string | undefined; readonly name: string; readonly Tags?: readonly WireTag[] | undefined },
	call: Call,
	{ tagAction, context = {} }: { readonly tagAction: string; readonly context?: AccessNeed["context"] },
): readonly AccessNeed[] {
	const resource = entityArn(kind, Path, name, call);
	const need = { resource, context: { ...context, ...requestTagContext(modelTags(Tags)) } };
	return Tags.length === 0 ? [need] : [need, { ...need, action: tagAction }];
}

/** The need to list a kind. AWS: on the ARN that begins those of all that is listed, such as `arn:aws:iam::A:role/` (seen in refusals). */
export function listNeed(kind: EntityKind, pathPrefix = "/", call: Call): AccessNeed {
	return { resource: entityArn(kind, pathPrefix, "", call) };
}

/** The condition keys of the tags of what is there. */
export function resourceTagContext(tags: readonly Tag[] = []): Readonly<Record<string, string>> {
	return Object.fromEntries(
		tags.flatMap(({ key, value }) => [
			[`aws:ResourceTag/${key}`, value],
			[`iam:ResourceTag/${key}`, value],
		]),
	);
}

export function roleOf(roleName: string, { role }: Records): Role {
	const found = role.get(roleName);
	if (found === undefined) throw noSuchRole(roleName);
	return found;
}

export function userOf(userName: string, { user }: Records): User {
	const found = user.get(userName);
	if (found === undefined) throw noSuchUser(userName);
	return found;
}

export function profileOf(instanceProfileName: string, records: Records): InstanceProfile {
	const found = records["instance-profile"].get(instanceProfileName);
	if (found === undefined) throw noSuchInstanceProfile(instanceProfileName);
	return found;
}

/**
 * Writes something new. AWS: names that differ in case alone are one name.
 *
 * @param taken what to throw where the name is.
 * @param check looks at what it refers to, which stays there until it is written.
 */
export function createNamed<K extends EntityKind>(
	kind: K,
	record: RecordTypes[K],
	{ inventory }: Call,
	{ taken, check }: { readonly taken: ApiError; readonly check?: (records: Records) => void },
): Promise<void> {
	return inventory.exclusively(async () => {
		const records = await inventory.records();
		check?.(records);
		const name = recordId[kind](record).toLowerCase();
		if ([...records[kind].keys()].some((other) => other.toLowerCase() === name)) throw taken;
		if (!(await inventory.create(kind, record))) throw taken;
	});
}
