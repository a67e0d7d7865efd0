import { BlockList, isIP } from "node:net";

/** Reads a text as a value of some type; undefined: it is none. */
export type Reader<T> = (text: string) => T | undefined;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** The forms of the W3C's note on dates; a time without zone is read as UTC. */
const DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const BASE64 = /^([0-9A-Za-z+/]{4})*([0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?$/;

export function numberOf(text: string): number | undefined {
	return NUMBER.test(text) ? Number(text) : undefined;
}

/**
 * A moment in milliseconds: ISO 8601, or seconds since 1970.
 *
 * Quirk: four digits are a year, which ISO 8601 allows, though they could be seconds as well.
 */
export function momentOf(text: string): number | undefined {
	const date = DATE.exec(text);
	if (date === null) return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined;
	const zone = text.includes("T") && date.groups?.["zone"] === undefined ? "Z" : "";
	const momentMs = Date.parse(`${text}${zone}`);
	return Number.isNaN(momentMs) ? undefined : momentMs;
}

export function booleanOf(text: string): boolean | undefined {
	const word = text.toLowerCase();
	return word === "true" ? true : word === "false" ? false : undefined;
}

/** The bytes of base64, as hexadecimal digits so that equal bytes are equal texts. */
export function binaryOf(text: string): string | undefined {
	return BASE64.test(text) ? Buffer.from(text, "base64").toString("hex") : undefined;
}

/** An IPv4 or IPv6 address. */
export function addressOf(text: string): string | undefined {
	return isIP(text) === 0 ? undefined : text;
}

/** The addresses of a CIDR block, or one address. */
export function addressBlockOf(text: string): BlockList | undefined {
	const [address = "", prefix, ...rest] = text.split("/");
	const family = isIP(address);
	const bits = family === 4 ? 32 : 128;
	if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix ?? "0") || Number(prefix ?? 0) > bits) return undefined;
	const block = new BlockList();
	block.addSubnet(address, prefix === undefined ? bits : Number(prefix), family === 4 ? "ipv4" : "ipv6");
	return block;
}
