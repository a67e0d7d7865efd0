// Roles and users alike: both hold policies, boundaries and tags.

import type { Role, User } from "../../../../model/iam.ts";
import { noSuchRole, noSuchUser } from "../../../iam-errors.ts";
import type { Records } from "../../../inventory.ts";
import type { Call } from "../../../operation.ts";
import { roleOf, userOf } from "./entities.ts";
import { mergedTags, remainingTags, checkTags, type WireTag } from "../../../iam-tags.ts";

/** A role or a user, by its name. */
export interface HolderName {
	readonly kind: "role" | "user";
	readonly name: string;
}

export function holderOf({ kind, name }: HolderName, records: Records): Role | User {
	return kind === "role" ? roleOf(name, records) : userOf(name, records);
}

/** Changes a role or a user, as {@link Inventory.update} does. @throws {ApiError} where there is none. */
export async function changeHolder(
	{ kind, name }: HolderName,
	{ inventory }: Call,
	change: <T extends Role | User>(before: T) => T,
): Promise<void> {
	const after = kind === "role" ? await inventory.update("role", name, change<Role>) : await inventory.update("user", name, change<User>);
	if (after === undefined) throw kind === "role" ? noSuchRole(name) : noSuchUser(name);
}

export async function tagHolder(holder: HolderName, added: readonly WireTag[], call: Call): Promise<void> {
	holderOf(holder, call.records);
	checkTags(added);
	await changeHolder(holder, call, (before) => ({ ...before, tags: mergedTags(before.tags, added) }));
}

export async function untagHolder(holder: HolderName, tagKeys: readonly string[], call: Call): Promise<void> {
	await changeHolder(holder, call, (before) => ({ ...before, tags: remainingTags(before.tags, tagKeys) }));
}
