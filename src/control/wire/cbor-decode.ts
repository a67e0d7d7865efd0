// CBOR as RPC v2 has it (RFC 8949; Smithy RPC v2 CBOR protocol), strict and bounded: nothing is made that the bytes are not there for.

import { malformed } from "./document-request.ts";
import { epochTime } from "./scalar-values.ts";

/** AWS: the deepest inputs, queries of metrics with their dimensions, have seven levels. */
const MAX_DEPTH = 64;

/** Of a body. AWS: PutMetricData takes 1000 metrics of 150 values with their counts; empty arrays beyond that are memory for nothing. */
const MAX_VALUES = 400_000;

/**
 * Reads one value, and nothing behind it: objects without a prototype for maps, `Date` for times, `bigint` for integers of more than 53
 * bits. What could be read in two ways is refused.
 *
 * Gap: AWS ignores tags that it doesn't know; bignums, decimal fractions and tags of any other kind are refused here.
 *
 * @throws {WireError} SerializationException
 */
export function decodeCbor(bytes: Uint8Array): unknown {
	const reader = new Reader(bytes);
	const value = reader.value(0);
	if (reader.left > 0) throw reader.malformed("there is more after its end");
	return value;
}

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;

const INDEFINITE = 31;
const BREAK = 0xff;

const EPOCH_TIME = 1;

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = 0;
	#values = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** How many bytes are left. */
	get left(): number {
		return this.#bytes.length - this.#at;
	}

	malformed(finding: string): Error {
		return malformed(`The body is not the CBOR that is read here: at byte ${this.#at}, ${finding}.`);
	}

	value(depth: number): unknown {
		this.#values += 1;
		if (this.#values > MAX_VALUES) throw this.malformed(`there are more than ${MAX_VALUES} values`);
		if (depth > MAX_DEPTH) throw this.malformed(`there are more than ${MAX_DEPTH} levels`);
		const head = this.#byte();
		const info = head & 31;
		switch (head >> 5) {
			case UNSIGNED:
				return this.#argument(info);
			case NEGATIVE: {
				const argument = this.#argument(info);
				return typeof argument === "number" && argument < Number.MAX_SAFE_INTEGER ? -1 - argument : -1n - BigInt(argument);
			}
			case BYTES:
				return this.#bytesOf(info);
			case TEXT:
				return this.#text(info);
			case ARRAY:
				return this.#array(info, depth);
			case MAP:
				return this.#map(info, depth);
			case TAG:
				return this.#tagged(info, depth);
			default:
				return this.#simple(info);
		}
	}

	#byte(): number {
		const byte = this.#bytes[this.#at];
		if (byte === undefined) throw this.malformed("it ends too early");
		this.#at += 1;
		return byte;
	}

	/** Where so many bytes begin, and goes on behind them. */
	#skip(count: number): number {
		if (count > this.left) throw this.malformed(`${count} bytes are announced, and ${this.left} are left`);
		const start = this.#at;
		this.#at += count;
		return start;
	}

	/** The number that a head comes with. */
	#argument(info: number): number | bigint {
		switch (info) {
			case 24:
				return this.#byte();
			case 25:
				return this.#view.getUint16(this.#skip(2));
			case 26:
				return this.#view.getUint32(this.#skip(4));
			case 27: {
				const argument = this.#view.getBigUint64(this.#skip(8));
				return argument <= Number.MAX_SAFE_INTEGER ? Number(argument) : argument;
			}
			default:
				if (info > 24) throw this.malformed(`a head of the kind ${info} is not allowed`);
				return info;
		}
	}

	/** How many there are of something that takes a byte at least. */
	#count(info: number): number {
		const count = this.#argument(info);
		if (count > this.left) throw this.malformed(`${count} items or bytes are announced, and ${this.left} bytes are left`);
		return Number(count);
	}

	/** A copy: the body's own bytes are let go of. */
	#bytesOf(info: number): Uint8Array {
		if (info !== INDEFINITE) return new Uint8Array(this.#chunk(info));
		return new Uint8Array(Buffer.concat([...this.#chunks(BYTES)]));
	}

	#text(info: number): string {
		if (info !== INDEFINITE) return this.#utf8(this.#chunk(info));
		let text = "";
		for (const chunk of this.#chunks(TEXT)) text += this.#utf8(chunk);
		return text;
	}

	#chunk(info: number): Uint8Array {
		const length = this.#count(info);
		const start = this.#skip(length);
		return this.#bytes.subarray(start, start + length);
	}

	/** The parts of something of indefinite length: each of the same kind, and of a length that is told. */
	*#chunks(major: number): Iterable<Uint8Array> {
		while (!this.#ended()) {
			const head = this.#byte();
			if (head >> 5 !== major || (head & 31) === INDEFINITE) throw this.malformed("something else than a part of a string comes");
			this.#values += 1;
			if (this.#values > MAX_VALUES) throw this.malformed(`there are more than ${MAX_VALUES} values`);
			yield this.#chunk(head & 31);
		}
	}

	#ended(): boolean {
		if (this.#bytes[this.#at] !== BREAK) return false;
		this.#at += 1;
		return true;
	}

	#utf8(bytes: Uint8Array): string {
		try {
			return UTF_8.decode(bytes);
		} catch {
			// The decoder says no more than that it isn't.
			throw this.malformed("a text ends that is not UTF-8");
		}
	}

	#array(info: number, depth: number): unknown[] {
		const items: unknown[] = [];
		if (info === INDEFINITE) {
			while (!this.#ended()) items.push(this.value(depth + 1));
		} else {
			for (let left = this.#count(info); left > 0; left -= 1) items.push(this.value(depth + 1));
		}
		return items;
	}

	#map(info: number, depth: number): object {
		const members = Object.create(null) as Record<string, unknown>;
		if (info === INDEFINITE) {
			while (!this.#ended()) this.#member(members, depth);
		} else {
			for (let left = this.#count(info); left > 0; left -= 1) this.#member(members, depth);
		}
		return members;
	}

	#member(members: Record<string, unknown>, depth: number): void {
		const head = this.#byte();
		if (head >> 5 !== TEXT) throw this.malformed("the name of a member is not a text");
		const name = this.#text(head & 31);
		if (Object.hasOwn(members, name)) throw this.malformed("the name of a member comes for the second time");
		members[name] = this.value(depth + 1);
	}

	#tagged(info: number, depth: number): Date {
		const tag = this.#argument(info);
		if (tag !== EPOCH_TIME) throw this.malformed(`the tag ${tag} is not allowed`);
		const seconds = this.value(depth + 1);
		const time = typeof seconds === "number" ? epochTime(seconds) : undefined;
		if (time === undefined) throw this.malformed("a time is not a number of seconds between the years 0 and 9999");
		return time;
	}

	#simple(info: number): boolean | number | null | undefined {
		switch (info) {
			case 20:
				return false;
			case 21:
				return true;
			case 22:
				return null;
			case 23:
				return undefined;
			case 25:
				return halfFloat(this.#view.getUint16(this.#skip(2)));
			case 26:
				return this.#view.getFloat32(this.#skip(4));
			case 27:
				return this.#view.getFloat64(this.#skip(8));
			default:
				throw this.malformed(info === INDEFINITE ? "something ends that has not begun" : "a simple value is not allowed");
		}
	}
}

/** IEEE 754 binary16, which `DataView` reads only since Node 24. */
function halfFloat(bits: number): number {
	const sign = bits >> 15 === 1 ? -1 : 1;
	const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
