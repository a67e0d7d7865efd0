/**
 * A day of one series of one instance as bytes: numbers of seven bits a byte, a run of zeros as 0 and its length less one, and all of it deflated.
 * Most counts are small and of few values, so it is Huffman's part that makes it small; repetition is looked for, too, since programs that
 * refresh their credentials every five minutes make a day of a few bytes.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { DamagedFile } from "./damaged-file.ts";
import { DAY_MINUTES } from "./minute.ts";
import { type DayBuckets, emptyDay } from "./roll-up.ts";

/** A number has eight bytes at most, and four columns of 288 are fewer than 1440. */
const SIZE_MAX = DAY_MINUTES * 8;

/** A small window and few tables: what zlib allocates for each call costs more than the compression. */
const DEFLATE = { windowBits: 12, memLevel: 4, strategy: constants.Z_FILTERED } as const;

/** The counts of a day's 1440 minutes: whole numbers up to 2^53 - 1. */
export function encodeMinutes(counts: Float64Array): Uint8Array {
	return deflated((writer) => writeRuns(writer, counts));
}

/** The reverse of {@link encodeMinutes}. Throws `DamagedFile`. */
export function decodeMinutes(data: Uint8Array): Float64Array {
	const counts = new Float64Array(DAY_MINUTES);
	readRuns(inflated(data), counts);
	return counts;
}

/** Column by column, since numbers of a kind are alike; three of the columns leave out what the first says is empty. */
export function encodeBuckets(day: DayBuckets): Uint8Array {
	return deflated((writer) => {
		writeRuns(writer, day.minutes);
		for (const column of [day.sums, day.minima, day.maxima]) {
			for (const [n, minutes] of day.minutes.entries()) if (minutes > 0) writeNumber(writer, column[n] ?? 0);
		}
	});
}

/** The reverse of {@link encodeBuckets}, for buckets of so many minutes. Throws `DamagedFile`. */
export function decodeBuckets(data: Uint8Array, sizeMinutes: number): DayBuckets {
	const day = emptyDay(sizeMinutes);
	const reader = inflated(data);
	readRuns(reader, day.minutes);
	for (const column of [day.sums, day.minima, day.maxima]) {
		for (const [n, minutes] of day.minutes.entries()) if (minutes > 0) column[n] = readNumber(reader);
	}
	return day;
}

interface Cursor {
	readonly bytes: Uint8Array;
	at: number;
}

const writeBuffer = new Uint8Array(SIZE_MAX);

function deflated(write: (writer: Cursor) => void): Uint8Array {
	const writer = { bytes: writeBuffer, at: 0 };
	write(writer);
	return deflateRawSync(writeBuffer.subarray(0, writer.at), DEFLATE);
}

function inflated(data: Uint8Array): Cursor {
	try {
		return { bytes: inflateRawSync(data, { maxOutputLength: SIZE_MAX }), at: 0 };
	} catch (cause) {
		throw new DamagedFile("a day of counts cannot be unpacked", { cause });
	}
}

function writeRuns(writer: Cursor, numbers: Float64Array): void {
	let zeros = 0;
	for (const number of numbers) {
		if (number === 0) {
			zeros++;
			continue;
		}
		if (zeros > 0) writeZeros(writer, zeros);
		zeros = 0;
		writeNumber(writer, number);
	}
	if (zeros > 0) writeZeros(writer, zeros);
}

function writeZeros(writer: Cursor, zeros: number): void {
	writer.bytes[writer.at++] = 0;
	writeNumber(writer, zeros - 1);
}

function readRuns(reader: Cursor, into: Float64Array): void {
	for (let n = 0; n < into.length; n++) {
		const number = readNumber(reader);
		if (number === 0) n += readNumber(reader);
		else into[n] = number;
	}
}

function writeNumber(writer: Cursor, number: number): void {
	// Not with shifts, which end at 32 bits.
	for (; number >= 128; number = Math.floor(number / 128)) writer.bytes[writer.at++] = (number % 128) + 128;
	writer.bytes[writer.at++] = number;
}

function readNumber(reader: Cursor): number {
	let number = 0;
	for (let factor = 1; ; factor *= 128) {
		const byte = reader.bytes[reader.at++];
		if (byte === undefined) throw new DamagedFile("a day of counts ends early");
		number += (byte & 127) * factor;
		if (byte < 128) return number;
	}
}
