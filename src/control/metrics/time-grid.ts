// Time, cut into periods.

/** Periods one after the other; the first begins at a multiple of their length. */
export interface TimeGrid {
	readonly fromMs: number;
	/** As it was asked for. */
	readonly periodSeconds: number;
	/** From one period's begin to the next one's. */
	readonly stepMs: number;
	readonly length: number;
}

/** From when to when something is asked, and when. */
export interface AskedTime {
	readonly startMs: number;
	readonly endMs: number;
	readonly nowMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** AWS: how long data are kept that answer a period (CloudWatch API reference, GetMetricStatistics; control-apis.md §4). */
const KEPT: readonly { readonly multipleOfSeconds: number; readonly ms: number }[] = [
	{ multipleOfSeconds: 3_600, ms: 455 * DAY_MS },
	{ multipleOfSeconds: 300, ms: 63 * DAY_MS },
	{ multipleOfSeconds: 60, ms: 15 * DAY_MS },
	{ multipleOfSeconds: 1, ms: 3 * HOUR_MS },
];

/**
 * The periods that begin in a time, and the one that is under way when it begins: what is not known any more, or not yet, is left out.
 *
 * AWS: StartTime is rounded down to the minute, to 5 minutes after 15 days, to an hour after 63: periods begin at multiples of their
 * length here, which is coarser than each of these.
 *
 * Quirk: a period of less than a minute is one of a minute: minutes are what is counted, and such a period has one or nothing.
 *
 * @param periodSeconds a period that {@link isPeriod} takes.
 */
export function gridOf({ startMs, endMs, nowMs }: AskedTime, periodSeconds: number): TimeGrid {
	const stepMs = Math.max(MINUTE_MS, periodSeconds * 1000);
	const kept = KEPT.find(({ multipleOfSeconds }) => periodSeconds % multipleOfSeconds === 0)!;
	const fromMs = Math.floor(Math.max(startMs, nowMs - kept.ms) / stepMs) * stepMs;
	const toMs = Math.ceil(Math.min(endMs, nowMs + 1) / stepMs) * stepMs;
	return { fromMs, periodSeconds, stepMs, length: Math.max(0, (toMs - fromMs) / stepMs) };
}

/** AWS: lengths that a period may have, in seconds (CloudWatch API reference, GetMetricData: Period). */
export function isPeriod(seconds: number): boolean {
	return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/** What {@link isPeriod} takes, for messages. */
export const PERIODS_ALLOWED = "1, 5, 10, 20, 30, or a multiple of 60";
