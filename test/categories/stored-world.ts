// A store that holds a world and instances in it, as a service finds it.

import assert from "node:assert/strict";
import type { Instance } from "../../src/model/instance.ts";
import { encodeRecord, recordId, type RecordKind, recordKey, type RecordTypes } from "../../src/model/records.ts";
import type { Store } from "../../src/store/port.ts";
import type { TestWorld } from "./world.ts";

/** Writes a record, whatever was there before. */
export async function putRecord<K extends RecordKind>(store: Store, kind: K, record: RecordTypes[K]): Promise<bigint> {
	const key = recordKey(kind, recordId[kind](record));
	const revision = await store.put(key, encodeRecord({ origin: "api", record }), (await store.get(key))?.revision ?? 0n);
	assert.ok(revision !== undefined, `${key} was changed meanwhile`);
	return revision;
}

/** Deletes a record that is there. */
export async function deleteRecord(store: Store, kind: RecordKind, id: string): Promise<void> {
	const key = recordKey(kind, id);
	assert.ok(await store.delete(key, (await store.get(key))?.revision ?? 0n), `${key} was not there`);
}

/** Writes all of a world, and instances. */
export async function putWorld(store: Store, world: TestWorld, instances: Iterable<Instance>): Promise<void> {
	const all = <K extends RecordKind>(kind: K, records: Iterable<RecordTypes[K]>) =>
		[...records].map((record) => putRecord(store, kind, record));
	await Promise.all([
		putRecord(store, "account", world.account),
		...all("image", world.images.values()),
		...all("instance-profile", world.instanceProfiles.values()),
		...all("key-pair", world.keyPairs.values()),
		...all("role", world.roles.values()),
		...all("security-group", world.securityGroups.values()),
		...all("subnet", world.subnets.values()),
		...all("vpc", world.vpcs.values()),
		...all("instance", instances),
	]);
}
