// The history's unit of time: a minute, as a number since the epoch.

export const MINUTE_MS = 60_000;
export const HOUR_MINUTES = 60;
export const DAY_MINUTES = 1440;

/** The minute that a moment (milliseconds since the epoch) lies in. */
export function minuteOf(epochMs: number): number {
	return Math.floor(epochMs / MINUTE_MS);
}

/** The day (since the epoch, UTC) that a minute lies in. */
export function dayOf(minute: number): number {
	return Math.floor(minute / DAY_MINUTES);
}

/** The first multiple of a step at or after a number. */
export function alignUp(number: number, step: number): number {
	return Math.ceil(number / step) * step;
}
