import { decodeRecord, encodeRecord, parseRecordKey, type RecordKind, type Stored } from "../model/records.ts";
import type { Store } from "../store/port.ts";
import type { Write } from "../config/plan.ts";

/** How often a plan is made anew when somebody else wrote in between. */
const ATTEMPTS = 8;

/** What the store holds. */
interface Holdings {
	readonly records: ReadonlyMap<string, Stored>;
	readonly revisions: ReadonlyMap<string, bigint>;
}

/**
 * Brings the store to a plan.
 *
 * @param plan what to write, given what is there.
 * @returns how many records were written or deleted.
 */
export async function carryOut(store: Store, plan: (records: ReadonlyMap<string, Stored>) => readonly Write[]): Promise<number> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const { records, revisions } = await holdings(store);
		const writes = plan(records);
		// Asked for in one turn, they share a transaction: a store that fails fails them all.
		const done = await Promise.all(writes.map(({ key, value }) => write(store, key, value, revisions.get(key) ?? 0n)));
		if (done.every((one) => one)) return writes.length;
	}
	throw new Error(`the store changed under each of ${ATTEMPTS} attempts to write the configuration to it`);
}

/** What the store holds, by key. */
export async function readRecords(store: Store): Promise<ReadonlyMap<string, Stored>> {
	return (await holdings(store)).records;
}

/** Whether the store holds any record of a kind. */
export async function hasAny(store: Store, kind: RecordKind): Promise<boolean> {
	for await (const _ of store.list(`${kind}/`)) return true;
	return false;
}

async function write(store: Store, key: string, value: Stored | undefined, expected: bigint): Promise<boolean> {
	if (value === undefined) return store.delete(key, expected);
	return (await store.put(key, encodeRecord(value), expected)) !== undefined;
}

async function holdings(store: Store): Promise<Holdings> {
	const records = new Map<string, Stored>();
	const revisions = new Map<string, bigint>();
	for await (const { key, value, revision } of store.list("")) {
		if (parseRecordKey(key) === undefined) continue;
		records.set(key, decodeRecord(value));
		revisions.set(key, revision);
	}
	return { records, revisions };
}
