// What declared instances are launched into: what is declared with them, and what others keep in the store.

import type { Account } from "../model/account.ts";
import type { ManagedPolicy, Role, User } from "../model/iam.ts";
import type { Snapshot } from "../model/image.ts";
import type { World } from "../model/launch.ts";
import { addressKeys } from "../model/launch-network.ts";
import { parseRecordKey, type RecordKind, recordKey, type RecordTypes, type Stored } from "../model/records.ts";
import type { Declaration } from "./declaration.ts";
import type { DeclaredRecord } from "./declared-record.ts";
import { declaredAccount } from "./declared-records.ts";
import { DEFAULT_IMAGE_ID } from "./default-images.ts";

/** Records by key. */
type Records = ReadonlyMap<string, Pick<Stored, "record">>;

/** With what no launch looks at. */
export interface DeclaredWorld extends World {
	readonly snapshots: ReadonlyMap<string, Snapshot>;
	readonly roles: ReadonlyMap<string, Role>;
	readonly users: ReadonlyMap<string, User>;
	readonly policies: ReadonlyMap<string, ManagedPolicy>;
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
		snapshots: recordsOf("snapshot", all),
		roles: recordsOf("role", all),
		users: recordsOf("user", all),
		policies: recordsOf("policy", all),
		keyPairs: recordsOf("key-pair", all),
		vpcs: recordsOf("vpc", all),
		subnets: recordsOf("subnet", all),
		// A launch that names no group gets the first of its VPC.
		securityGroups: new Map(groups.toSorted(([, a], [, b]) => Number(b.groupName === "default") - Number(a.groupName === "default"))),
		addresses: new Map(),
		defaultImageId: DEFAULT_IMAGE_ID,
	};
	for (const instance of recordsOf("instance", all).values()) {
		if (instance.state === "terminated") continue;
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
