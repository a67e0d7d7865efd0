// One endless stream of writes that writer.ts makes and kill.test.ts knows by heart: write n gets revision n, before and after any crash.
// Each key is created, overwritten and deleted in turn.

const KEYS = 300;

export interface StreamWrite {
	readonly key: string;
	/** Undefined deletes. */
	readonly value: Uint8Array | undefined;
	readonly expected: bigint;
}

export function streamWrite(n: number): StreamWrite {
	const turn = Math.floor((n - 1) / KEYS) % 3;
	// Of all sizes up to some pages of a database.
	const value = turn === 2 ? undefined : Buffer.alloc((n * 7919) % 9000, `${n} `);
	return { key: `k/${n % KEYS}`, value, expected: turn === 0 ? 0n : BigInt(n - KEYS) };
}

/** What a store holds after the first `count` writes. */
export function streamState(count: number): Map<string, { value: Uint8Array; revision: bigint }> {
	const state = new Map<string, { value: Uint8Array; revision: bigint }>();
	for (let n = Math.max(1, count - KEYS + 1); n <= count; n++) {
		const { key, value } = streamWrite(n);
		if (value !== undefined) state.set(key, { value, revision: BigInt(n) });
	}
	return state;
}
