// Everything that the account has, as the control APIs see it: the store's records decoded, and compare-and-set changes of them.

import {
	decodeRecord,
	encodeRecord,
	parseRecordKey,
	type RecordKind,
	recordId,
	recordKey,
	type RecordTypes,
	type Stored,
} from "../model/records.ts";
import { type Change, type Store, StoreError, VALUE_MAX_BYTES } from "../store/port.ts";
import { ReachedRevision } from "../store/reached-revision.ts";
import { update } from "../store/update.ts";
import { declaredInConfiguration, invalidParameterValue, unavailable } from "./errors.ts";

/** Every record by kind and id, at one moment or later. */
export type Records = { readonly [K in RecordKind]: ReadonlyMap<string, RecordTypes[K]> };

/** What may be watched of an inventory. */
export type OnWrite = <K extends RecordKind>(kind: K, record: RecordTypes[K]) => void;

/**
 * A copy of the store in memory, made when it is first asked for, and the only way in which operations write.
 *
 * Quirk: the metadata endpoint's replica is another copy. The two planes meet only in the store, and this one holds records
 * decoded: a filter over ten thousand instances should not parse ten thousand texts.
 */
export class Inventory {
	readonly #store: Store;
	readonly #onWrite: OnWrite;
	readonly #records = new Map<RecordKind, Map<string, RecordTypes[RecordKind]>>();
	readonly #stop = new AbortController();
	readonly #origins = new Map<string, Stored["origin"]>();
	#loaded: Promise<void> | undefined;
	readonly #reached = new ReachedRevision();
	#last: Promise<unknown> = Promise.resolve();
	/** The last change under way of each record that has one. */
	readonly #turns = new Map<string, Promise<unknown>>();

	/** @param onWrite called after each record that was written through the inventory. */
	constructor(store: Store, onWrite: OnWrite) {
		this.#store = store;
		this.#onWrite = onWrite;
	}

	/**
	 * The records, with everything that was acknowledged before the call. They change as the store does: who wants one moment reads
	 * without waiting in between.
	 *
	 * @throws {ApiError} `Unavailable` where the store can't be read.
	 */
	async records(): Promise<Records> {
		return this.#guarded(async () => {
			await (this.#loaded ??= this.#load().catch((error: unknown) => {
				this.#loaded = undefined; // Tried again when it is next asked for.
				throw error;
			}));
			await this.#reached.caughtUp(await this.#store.revision());
			return Object.fromEntries(KINDS.map((kind) => [kind, this.#of(kind)])) as unknown as Records;
		});
	}

	/** Who keeps a record, as far as known. */
	originOf(kind: RecordKind, id: string): Stored["origin"] | undefined {
		return this.#origins.get(recordKey(kind, id));
	}

	/**
	 * Writes records that must not exist yet; where one exists, none of them. False: one exists, or somebody else was faster with one, which
	 * for ids of chance can't be.
	 */
	async create<K extends RecordKind>(kind: K, ...records: readonly RecordTypes[K][]): Promise<boolean> {
		return this.#guarded(async () => {
			const keys = records.map((record) => recordKey(kind, recordId[kind](record)));
			for (const key of keys) if ((await this.#store.get(key)) !== undefined) return false;
			const values = records.map((record) => bytesOf({ origin: "api", record }));
			// Asked for in one turn, they share a transaction: a store that fails fails them all.
			const revisions = await Promise.all(values.map((value, index) => this.#store.put(keys[index]!, value, 0n)));
			for (const [index, record] of records.entries()) if (revisions[index] !== undefined) this.#onWrite(kind, record);
			return revisions.every((revision) => revision !== undefined);
		});
	}

	/**
	 * Changes a record: reads it, asks, and writes the answer if nobody wrote meanwhile; otherwise from the start.
	 *
	 * @param change pure; answers the record itself to leave it as it is; may throw an {@link ApiError}.
	 * @returns the record as it is now; `undefined` where there is none.
	 */
	async update<K extends RecordKind>(
		kind: K,
		id: string,
		change: (before: RecordTypes[K]) => RecordTypes[K],
	): Promise<RecordTypes[K] | undefined> {
		const key = recordKey(kind, id);
		return this.#inTurn(key, () =>
			this.#guarded(async () => {
				let after: RecordTypes[K] | undefined;
				const written = await update(this.#store, key, (entry) => {
					if (entry === undefined) return (after = undefined);
					const stored = decodeRecord<K>(entry.value);
					after = change(stored.record);
					if (after === stored.record) return undefined;
					return bytesOf({ ...stored, ...keptDeclaration(stored), record: after });
				});
				if (written !== undefined && after !== undefined) this.#onWrite(kind, after);
				return after;
			}),
		);
	}

	/**
	 * Changes several records of a kind; nothing is written unless `change` takes every one of them as it is now.
	 *
	 * @returns before and after of each, in order.
	 */
	async updateAll<K extends RecordKind>(
		kind: K,
		ids: readonly string[],
		change: (before: RecordTypes[K]) => RecordTypes[K],
	): Promise<readonly { readonly before: RecordTypes[K]; readonly after: RecordTypes[K] }[]> {
		const records = await this.records();
		const of = records[kind] as ReadonlyMap<string, RecordTypes[K]>;
		for (const id of ids) {
			const now = of.get(id);
			if (now !== undefined) change(now);
		}
		const changes = ids.map(async (id) => {
			let before: RecordTypes[K] | undefined;
			const after = await this.update(kind, id, (now) => change((before = now)));
			return before === undefined || after === undefined ? [] : [{ before, after }];
		});
		return (await Promise.all(changes)).flat();
	}

	/**
	 * Deletes a record. False: there is none.
	 *
	 * @param what names the thing, for the error.
	 * @throws {ApiError} where the configuration file keeps it.
	 */
	async remove(kind: RecordKind, id: string, what: string): Promise<boolean> {
		return this.#guarded(async () => {
			const key = recordKey(kind, id);
			for (;;) {
				const entry = await this.#store.get(key);
				if (entry === undefined) return false;
				if (decodeRecord(entry.value).origin === "configuration") throw declaredInConfiguration(what);
				if (await this.#store.delete(key, entry.revision)) return true;
			}
		});
	}

	/** Deletes a record that is over. One that the configuration file keeps stays, or the next start would make it anew. */
	async forget(kind: RecordKind, id: string): Promise<void> {
		const entry = await this.#store.get(recordKey(kind, id));
		if (entry === undefined || decodeRecord(entry.value).origin === "configuration") return;
		await this.#store.delete(entry.key, entry.revision);
	}

	/**
	 * Does one thing after the other: for what must not exist twice, or not be given out twice, and is not one record's own key.
	 *
	 * Gap: within this process, which is the only one that a store has today; several would need claims in the store.
	 */
	exclusively<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#last.then(work, work);
		this.#last = done.catch(() => {}); // Whoever asked is told.
		return done;
	}

	/** Stops following the store. */
	stop(): void {
		this.#stop.abort();
	}

	#of<K extends RecordKind>(kind: K): Map<string, RecordTypes[RecordKind]> {
		let map = this.#records.get(kind);
		if (map === undefined) this.#records.set(kind, (map = new Map<string, RecordTypes[RecordKind]>()));
		return map;
	}

	async #load(): Promise<void> {
		for (const map of this.#records.values()) map.clear();
		this.#origins.clear();
		const revision = await this.#store.revision();
		for await (const entry of this.#store.list("")) this.#apply(entry);
		this.#reached.reach(revision);
		this.#watch(revision).catch((error: unknown) => {
			// Loaded anew when it is next asked for.
			this.#loaded = undefined;
			this.#reached.fail(error);
		});
	}

	async #watch(from: bigint): Promise<void> {
		for await (const change of this.#store.watch("", from, this.#stop.signal)) {
			this.#apply(change);
			this.#reached.reach(change.revision);
		}
	}

	#apply({ key, value }: Change): void {
		const parsed = parseRecordKey(key);
		if (parsed === undefined) return;
		const { kind, id } = parsed;
		if (value === undefined) {
			this.#of(kind).delete(id);
			this.#origins.delete(key);
			return;
		}
		const { record, origin } = decodeRecord(value);
		this.#of(kind).set(id, record);
		if (origin === "api") this.#origins.delete(key);
		else this.#origins.set(key, origin);
	}

	/** Changes of one record come one after the other: of those that race for it all but one would have been made in vain. */
	async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
		const before = this.#turns.get(key);
		const mine = before === undefined ? work() : before.then(work, work);
		this.#turns.set(key, mine);
		try {
			return await mine;
		} finally {
			if (this.#turns.get(key) === mine) this.#turns.delete(key);
		}
	}

	async #guarded<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof StoreError)) throw error;
			throw unavailable(error);
		}
	}
}

const KINDS = Object.keys(recordId) as RecordKind[];

/** @throws {ApiError} for a record that is longer than a store takes: texts of some parameters have no limit of their own. */
function bytesOf<K extends RecordKind>(stored: Stored<K>): Uint8Array {
	const bytes = encodeRecord(stored);
	if (bytes.length <= VALUE_MAX_BYTES) return bytes;
	throw invalidParameterValue(`The parameters of the resource take ${bytes.length} bytes; allowed: at most ${VALUE_MAX_BYTES} in all.`);
}

/** What somebody else keeps is changed by the APIs for as long as its keeper does not say something new. */
function keptDeclaration<K extends RecordKind>({ origin, record, declared }: Stored<K>): Partial<Stored<K>> {
	return origin === "api" ? {} : { declared: declared ?? record };
}
