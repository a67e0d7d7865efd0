// How long answers take: a histogram with fixed buckets, cheap enough for every request.

/** Upper bounds of the buckets, in seconds; behind the last one everything that took longer. */
export const LATENCY_BOUNDS_SECONDS = [
	0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
] as const;

const BOUNDS_MS = LATENCY_BOUNDS_SECONDS.map((seconds) => seconds * 1000);

export class LatencyHistogram {
	/** How many fell into each bucket and none before it; one more than there are bounds. */
	readonly buckets: number[] = Array.from({ length: BOUNDS_MS.length + 1 }, () => 0);
	sumMs = 0;

	note(ms: number): void {
		let bucket = 0;
		while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++;
		this.buckets[bucket]!++;
		this.sumMs += ms;
	}
}
