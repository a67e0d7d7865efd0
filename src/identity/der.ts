// The few ASN.1 types that a certificate and a CMS signature need, written in DER, and BER's indefinite length for the outer layers of CMS.
// Ours, because the alternative takes 74 ms to import at every start and cannot write indefinite lengths.

/** A tag, the length and the content. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
	const body = Buffer.concat(content);
	return Buffer.concat([Buffer.from([tag, ...lengthOctets(body.length)]), body]);
}

/** BER: the content's length is not told, two zero octets end it. */
export function indefinite(tag: number, ...content: readonly Uint8Array[]): Buffer {
	return Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.alloc(2)]);
}

/** The same content under another tag: ASN.1's IMPLICIT. */
export function retagged(tag: number, encoded: Uint8Array): Buffer {
	return Buffer.concat([Buffer.from([tag]), encoded.subarray(1)]);
}

export const SEQUENCE = 0x30;
export const NULL = tlv(0x05);
export const TRUE = tlv(0x01, Buffer.from([0xff]));

export function sequence(...members: readonly Uint8Array[]): Buffer {
	return tlv(SEQUENCE, ...members);
}

/** SET OF: DER wants the members in the order of their encodings. */
export function setOf(...members: readonly Uint8Array[]): Buffer {
	return tlv(0x31, ...members.toSorted((left, right) => Buffer.compare(left, right)));
}

/** A non-negative integer: a small one, or the big-endian octets of a large one. */
export function integer(value: number | Uint8Array): Buffer {
	const octets = typeof value === "number" ? Uint8Array.from(base256(value)) : value;
	const first = octets.findIndex((octet) => octet !== 0);
	const magnitude = first < 0 ? Uint8Array.of(0) : octets.subarray(first);
	return tlv(0x02, Uint8Array.of(...((magnitude[0] ?? 0) >= 0x80 ? [0] : [])), magnitude);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	return tlv(0x06, Uint8Array.of(first * 40 + second, ...rest.flatMap(base128)));
}

export function octetString(content: Uint8Array): Buffer {
	return tlv(0x04, content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
	return tlv(0x03, Uint8Array.of(unusedBits), content);
}

export function printableString(text: string): Buffer {
	return tlv(0x13, Buffer.from(text, "latin1"));
}

/** Time as X.509 and CMS have it: UTCTime until 2049, GeneralizedTime from 2050, whole seconds. */
export function time(epochMs: number): Buffer {
	const text = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, "");
	return text < "2050" ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

function lengthOctets(length: number): number[] {
	if (length < 0x80) return [length];
	const octets = base256(length);
	return [0x80 | octets.length, ...octets];
}

function base256(value: number): number[] {
	return value < 0x100 ? [value] : [...base256(Math.floor(value / 0x100)), value % 0x100];
}

function base128(value: number): number[] {
	const digits = [value % 0x80];
	for (let left = Math.floor(value / 0x80); left > 0; left = Math.floor(left / 0x80)) digits.unshift((left % 0x80) | 0x80);
	return digits;
}
