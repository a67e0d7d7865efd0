/** Minutes from the one up to, and without, the other. */
export interface Interval {
	readonly from: number;
	readonly to: number;
}

/** The same minutes as disjoint intervals in the order of time, none touching the next. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
	const result: Interval[] = [];
	for (const interval of intervals.toSorted((a, b) => a.from - b.from)) {
		if (interval.to <= interval.from) continue;
		const last = result.at(-1);
		if (last === undefined || interval.from > last.to) result.push(interval);
		else if (interval.to > last.to) result[result.length - 1] = { from: last.from, to: interval.to };
	}
	return result;
}

/** How many minutes disjoint intervals have between two. */
export function minutesWithin(disjoint: readonly Interval[], from: number, to: number): number {
	return disjoint.reduce((sum, interval) => sum + Math.max(0, Math.min(interval.to, to) - Math.max(interval.from, from)), 0);
}
