import type { Entry, Store } from "./port.ts";

/** With N writers at one key some writer wins every round, so the unluckiest of a hundred still gets through. */
const ATTEMPTS_MAX = 100;

/**
 * Reads a key, changes it, writes it back if nobody else wrote meanwhile, and starts over if somebody did: so `change` must be pure.
 * It is given undefined for a missing key and may answer undefined to leave things as they are. Answers what was written, if anything.
 */
export async function update(
	store: Pick<Store, "get" | "put">,
	key: string,
	change: (before: Entry | undefined) => Uint8Array | undefined,
): Promise<Entry | undefined> {
	for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		const before = await store.get(key);
		const value = change(before);
		if (value === undefined) return undefined;
		const revision = await store.put(key, value, before?.revision ?? 0n);
		if (revision !== undefined) return { key, value, revision };
	}
	throw new Error(`key ${JSON.stringify(key)} was written by others at each of ${ATTEMPTS_MAX} attempts to update it`);
}
