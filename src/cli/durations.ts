// Lengths of time, as people write them and read them.

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

const DURATION_FORM = "a number with s, m, h or d behind it, such as 90s or 24h";

/**
 * Seconds of `90s`, `15m`, `24h` or `7d`.
 *
 * @throws {RangeError} for anything else.
 */
export function parseDuration(text: string): number {
	const [, count = "", unit = ""] = /^(\d{1,9})(s|m|min|h|d)$/.exec(text) ?? [];
	const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
	if (count !== "" && seconds < 2 ** 31) return seconds;
	throw new RangeError(DURATION_FORM);
}

/** `24 h`, `1 h 30 min`, `7 d`: the two largest units; days from two on. */
export function durationText(seconds: number): string {
	const days = seconds < 2 * 86_400 ? 0 : Math.floor(seconds / 86_400);
	const parts = [
		[days, "d"],
		[Math.floor(seconds / 3600) - days * 24, "h"],
		[Math.floor(seconds / 60) % 60, "min"],
		[Math.floor(seconds) % 60, "s"],
	] as const;
	const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
	return told.slice(0, 2).join(" ") || "0 s";
}

/** `12 s ago`; a time is seconds since the epoch. */
export function agoText(atSeconds: number | undefined, nowMs: number): string {
	if (atSeconds === undefined) return "never";
	return `${durationText(Math.max(0, Math.round(nowMs / 1000 - atSeconds)))
		.split(" ", 2)
		.join(" ")} ago`;
}

/** `1 call`, `2 calls`. */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
