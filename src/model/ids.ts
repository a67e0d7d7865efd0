// Resource ids. Those nobody chose are derived from what they belong to, so that a restart or a reload finds them again.

import { createHash } from "node:crypto";

/** An id in EC2's long form, `prefix-` and 17 hexadecimal digits, that follows from its seeds alone. */
export function derivedId(prefix: string, ...seeds: readonly (string | number)[]): string {
	const hex = digest(prefix, ...seeds).toString("hex");
	return `${prefix}-${hex.slice(0, 17)}`;
}

/** An IAM id: four letters for the type (`AIPA` profile, `AROA` role, `AIDA` user, `ANPA` policy) and 17 characters of base 32. */
export function derivedIamId(prefix: "AIPA" | "AROA" | "AIDA" | "ANPA", ...seeds: readonly string[]): string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	return prefix + Array.from(digest(prefix, ...seeds).subarray(0, 17), (byte) => alphabet[byte & 31]).join("");
}

/** A UUID (version 8, RFC 9562: one's own way of making it). */
export function derivedUuid(...seeds: readonly (string | number)[]): string {
	const bytes = digest("uuid", ...seeds).subarray(0, 16);
	bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
	bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
	return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A locally administered unicast MAC address. */
export function derivedMac(...seeds: readonly (string | number)[]): string {
	return ["02", ...Array.from(digest("mac", ...seeds).subarray(0, 5), (byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** A number of 48 bits for choosing one of many. */
export function derivedNumber(...seeds: readonly (string | number)[]): number {
	return digest("number", ...seeds).readUIntBE(0, 6);
}

function digest(...seeds: readonly (string | number)[]): Buffer {
	return createHash("sha256").update(seeds.join("\0")).digest();
}
