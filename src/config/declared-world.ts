// What declared instances are launched into: what is declared with them, and what others keep in the store.

import type { Account } from "../model/account.ts";
import type { Role } from "../model/iam.ts";
import type { World } from "../model/launch.ts";
import { parseRecordKey, type RecordKind, recordKey, type RecordTypes, type Stored } from "../model/records.ts";
import type { Declaration } from "./declaration.ts";
import { declaredAccount, type DeclaredRecord } from "./declared-records.ts";
import { DEFAULT_IMAGE_ID } from "./default-images.ts";
import { addressKeys } from "./launch-all.ts";

/** Records by key. */
type Records = ReadonlyMap<string, Pick<Stored, "record">>;

/** With the roles, which no launch looks at. */
export interface DeclaredWorld extends World {
	readonly roles: ReadonlyMap<string, Role>;
}

/** The account: one is always there, so where the declaration says nothing, what the API made of it stands. */
export function accountOf(declaration: Declaration, others: Records): Account {
	const theirs = others.get(recordKey("account", "default"))?.record as Account | undefined;
	return declaration.account === undefined && theirs !== undefined ? theirs : declaredAccount(declaration);
}

/** The world of a declaration. */
export function worldOf(account: Account, wanted: ReadonlyMap<string, DeclaredRecord>, others: ReadonlyMap<string, Stored>): DeclaredWorld {
	const all = new Map([...wanted, ...others] as [string, Pick<Stored, "record">][]);
	const groups = [...recordsOf("security-group", all)];
	const world: DeclaredWorld = {
		account,
		images: recordsOf("image", all),
		instanceProfiles: recordsOf("instance-profile", all),
		roles: recordsOf("role", all),
		keyPairs: recordsOf("key-pair", all),
		vpcs: recordsOf("vpc", all),
		subnets: recordsOf("subnet", all),
		// A launch that names no group gets the first of its VPC.
		securityGroups: new Map(groups.toSorted(([, a], [, b]) => Number(b.groupName === "default") - Number(a.groupName === "default"))),
		addresses: new Map(),
		defaultImageId: DEFAULT_IMAGE_ID,
	};
	for (const instance of recordsOf("instance", all).values()) {
		for (const key of addressKeys(instance, world)) world.addresses.set(key, instance.instanceId);
	}
	return world;
}

/** All records of a kind by id. */
export function recordsOf<K extends RecordKind>(kind: K, records: Records): ReadonlyMap<string, RecordTypes[K]> {
	return new Map(
		[...records].flatMap(([key, { record }]) => {
			const parsed = parseRecordKey(key);
			return parsed?.kind === kind ? [[parsed.id, record as RecordTypes[K]] as const] : [];
		}),
	);
}
