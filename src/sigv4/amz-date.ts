/** A moment as Signature Version 4 writes it, to the second. */
export interface AmzDate {
	/** `20150830T123600Z`: the text that is signed. */
	readonly text: string;
	readonly ms: number;
}

/** Reads `20150830T123600Z`, ISO 8601's basic format in UTC; `undefined` for any other text and for days that are none. */
export function readAmzDate(text: string): AmzDate | undefined {
	if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
	const ms = Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
	// Date.parse makes 2 March of 30 February: only what reads back as the same text was a date.
	return !Number.isNaN(ms) && formatAmzDate(ms) === text ? { text, ms } : undefined;
}

/**
 * Reads a `Date` header: `Sun, 30 Aug 2015 12:36:00 GMT`, or the basic format.
 * A zone may also be said as `+0000`, `-0000` (Python's `formatdate`, which botocore calls) or `UTC`.
 */
export function readHttpDate(text: string): AmzDate | undefined {
	const gmt = text.replace(/ (?:[+-]0000|UTC)$/, " GMT");
	const ms = Date.parse(gmt);
	if (!Number.isNaN(ms) && new Date(ms).toUTCString() === gmt) return { text: formatAmzDate(ms), ms };
	return readAmzDate(text);
}

/** `20150830T123600Z`, of a moment in the years 0 to 9999; milliseconds are cut off. */
export function formatAmzDate(ms: number): string {
	return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
