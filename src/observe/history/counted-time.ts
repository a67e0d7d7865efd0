/**
 * Which time it is for the history: that of the batches, so that what it says doesn't depend on when it is asked, and what it does on
 * nothing but what was recorded.
 */
import { DAY_MINUTES } from "./minute.ts";

/** Batches come every second or two. Where none came for longer, nobody counted: the process stopped, the machine slept, the clock was set. */
export const GAP_MINUTES = 5;

/** How many minutes must be counted by a clock that went ahead before anything is rolled up or deleted by it. */
const BELIEVED_AFTER_MINUTES = DAY_MINUTES;

export interface CountedTime {
	/** The minute of the latest batch. */
	readonly countedTo: number;
	/** The minute that retention counts from: `countedTo`, or an earlier one while that isn't believed. */
	readonly retentionMinute: number;
	/** How many minutes were counted since the clock went ahead of what is believed. */
	readonly aheadMinutes: number;
}

/** Whether counting went on without a gap from the one minute to the other. */
export function isContinuous(before: CountedTime | undefined, minute: number): boolean {
	return before !== undefined && Math.abs(minute - before.countedTo) <= GAP_MINUTES;
}

/**
 * The time after a batch of that minute. A clock that goes back is believed at once: then things are kept for longer. One that goes ahead by
 * more than a day would delete what is not old; it is believed once a day's minutes have been counted by it. It may be right (the machine
 * was off, or had no clock before), and what is kept for too long is then no more than can be counted in a day.
 */
export function advance(before: CountedTime | undefined, minute: number): CountedTime {
	if (before === undefined || minute <= before.retentionMinute + DAY_MINUTES) {
		return { countedTo: minute, retentionMinute: minute, aheadMinutes: 0 };
	}
	const counted = isContinuous(before, minute) ? Math.max(0, minute - before.countedTo) : 0;
	const aheadMinutes = before.aheadMinutes + counted;
	if (aheadMinutes >= BELIEVED_AFTER_MINUTES) return { countedTo: minute, retentionMinute: minute, aheadMinutes: 0 };
	return { countedTo: minute, retentionMinute: before.retentionMinute, aheadMinutes };
}
