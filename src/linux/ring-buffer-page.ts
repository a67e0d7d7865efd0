// A page of the kernel's ring buffer of events (events/header_page and events/header_event in tracefs; linux/ring_buffer.h):
// when it begins, how long what is in it is, and events, each with how long it came after the one before. Little-endian machines'.

/** What a page says. */
export interface PageReading {
	/** Events before the first of this page were overwritten before anybody read them. */
	readonly hasLost: boolean;
	/** When it begins, by the buffer's clock. */
	readonly beganAtMs: number;
}

const HEADER_BYTES = 16;
const LENGTH_MASK = 0xf_ffff;
const MISSED_EVENTS = 0x8000_0000;
const WORD_BYTES = 4;

/** `type_len` in the low 5 bits of an event's first word: its length in words, or one of these. The other 27 are nanoseconds. */
const LONG = 0;
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;

/**
 * Reads a page.
 *
 * @param note told each event in turn: its bytes, which live as long as the page's, and its time by the buffer's clock.
 */
export function readPage(page: Buffer, note: (event: Buffer, atMs: number) => void): PageReading {
	if (page.length < HEADER_BYTES) return { hasLost: false, beganAtMs: 0 };
	const beganAtNs = Number(page.readBigUInt64LE(0));
	const commit = page.readUInt32LE(8);
	const end = Math.min(HEADER_BYTES + (commit & LENGTH_MASK), page.length);
	let atNs = beganAtNs;
	for (let at = HEADER_BYTES; at + WORD_BYTES <= end;) {
		const word = page.readUInt32LE(at);
		const type = word & 31;
		const nanoseconds = word >>> 5;
		const hasSecond = type === LONG || type >= PADDING;
		if (hasSecond && at + 2 * WORD_BYTES > end) break;
		const second = hasSecond ? page.readUInt32LE(at + WORD_BYTES) : 0;
		at += WORD_BYTES;
		if (type === PADDING) {
			if (nanoseconds === 0) break; // Nothing follows.
			at += Math.max(second, WORD_BYTES);
		} else if (type === TIME_EXTEND) {
			atNs += second * 2 ** 27 + nanoseconds;
			at += WORD_BYTES;
		} else if (type === TIME_STAMP) {
			atNs = second * 2 ** 27 + nanoseconds;
			at += WORD_BYTES;
		} else {
			atNs += nanoseconds;
			const start = type === LONG ? at + WORD_BYTES : at;
			const next = type === LONG ? at + Math.max(second, WORD_BYTES) : at + type * WORD_BYTES;
			if (next > end) break;
			note(page.subarray(start, next), atNs / 1e6);
			at = next;
		}
	}
	return { hasLost: (commit & MISSED_EVENTS) !== 0, beganAtMs: beganAtNs / 1e6 };
}
