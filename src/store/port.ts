// What every room may expect of a store: keys and bytes in one total order, compare-and-set writes, and a watch.
// It promises no more than a NATS KV bucket with history 1 can keep, and contract.ts tests every promise on every engine.

/** Keys are ASCII, so characters and bytes are the same count. NATS and SQLite would take more; nobody needs it. */
export const KEY_MAX_BYTES = 512;

/** The default `max_payload` of a NATS server. */
export const VALUE_MAX_BYTES = 1_048_576;

/** A key as it is now. */
export interface Entry {
	readonly key: string;
	readonly value: Uint8Array;
	readonly revision: bigint;
}

/** The latest thing that happened to a key; without a value it was deleted. */
export interface Change {
	readonly key: string;
	readonly value: Uint8Array | undefined;
	readonly revision: bigint;
}

/**
 * Ordered, watchable keys and bytes. A revision is the whole store's, not a key's: the first write gets 1n, each later one a greater one.
 * A bad key, prefix, value or revision is refused with a `TypeError` or `RangeError`; an engine's own trouble is a `StoreError`.
 */
export interface Store {
	/** Whether acknowledged writes outlive the process. */
	readonly durable: boolean;

	get(key: string): Promise<Entry | undefined>;

	/**
	 * The entries whose key begins with exactly `prefix` ("" for all), in the byte order of their keys.
	 * It is not one snapshot: an entry written meanwhile may come as it was or as it is.
	 */
	list(prefix: string): AsyncIterable<Entry>;

	/** The revision of the latest write, 0n before the first. Take it, then list, then watch from it: nothing is missed. */
	revision(): Promise<bigint>;

	/**
	 * Writes only if the key is still at `expected` (0n: must not exist). Answers the new revision, or undefined on conflict.
	 * Once answered, a durable store has it on disk. A `StoreError` means that it was not applied, unless the process dies or the server is
	 * lost in that very moment: so read before trying again.
	 */
	put(key: string, value: Uint8Array, expected: bigint): Promise<bigint | undefined>;

	/** Deletes only if the key exists and is still at `expected`. */
	delete(key: string, expected: bigint): Promise<boolean>;

	/**
	 * Every key whose latest change is newer than `from`, at that change and in revision order, then changes as they happen; resumes by
	 * itself after a lost connection. From 0n it therefore begins with the whole present state.
	 *
	 * The last state of every key always arrives, deletions included; states in between may be left out, so that a slow reader costs no more
	 * than one change a key. Old deletions are forgotten in time: when `from` is older than what is still known, or newer than the store (as
	 * after a restored backup), it throws a `StoreError` "compacted", and the caller lists again. It ends quietly once `signal` aborts or the
	 * store is closed; breaking out of the loop ends it too.
	 */
	watch(prefix: string, from: bigint, signal: AbortSignal): AsyncIterable<Change>;

	/** Finishes the writes already asked for and lets go of everything. Later calls fail with "closed"; closing again does nothing. */
	close(): Promise<void>;
}

export type StoreErrorCode = "locked" | "corrupt" | "full" | "closed" | "compacted" | "version" | "unusable";

/** An engine's trouble. Its message is one sentence for whoever runs the daemon: which store, what is wrong, what to do. */
export class StoreError extends Error {
	override readonly name = "StoreError";
	readonly code: StoreErrorCode;

	constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

export function checkKey(key: string): void {
	if (key === "") throw new RangeError("key must not be empty");
	checkCharacters("key", key);
}

export function checkPrefix(prefix: string): void {
	checkCharacters("prefix", prefix);
}

export function checkValue(value: Uint8Array): void {
	if (!(value instanceof Uint8Array)) throw new TypeError(`value must be a Uint8Array, not ${kindOf(value)}`);
	if (value.length > VALUE_MAX_BYTES) throw new RangeError(`value of ${value.length} bytes is longer than ${VALUE_MAX_BYTES}`);
}

export function checkRevision(field: "expected" | "from", revision: bigint): void {
	if (typeof revision !== "bigint") throw new TypeError(`${field} must be a bigint, not ${kindOf(revision)}`);
	if (revision < 0n) throw new RangeError(`${field} must not be negative, but is ${revision}`);
}

function checkCharacters(field: "key" | "prefix", text: string): void {
	if (typeof text !== "string") throw new TypeError(`${field} must be a string, not ${kindOf(text)}`);
	if (text.length > KEY_MAX_BYTES)
		throw new RangeError(`${field} of ${text.length} characters is longer than ${KEY_MAX_BYTES}: ${quote(text)}`);
	if (!/^[A-Za-z0-9/_.:=+,@-]*$/.test(text))
		throw new RangeError(`${field} ${quote(text)} may hold only letters, digits and / _ . : = + , @ -`);
}

function quote(text: string): string {
	return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function kindOf(thing: unknown): string {
	return thing === null ? "null" : typeof thing;
}
