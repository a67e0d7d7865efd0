// Public keys as people bring them, and as EC2 and SSH write them.

import { createPublicKey, type KeyObject } from "node:crypto";
import { invalidKeyFormat } from "../../../errors.ts";
import { readSshStrings, sshString } from "./ssh-encoding.ts";

/** AWS: the types of keys there are for instances (ec2/create-key-pairs). */
export type SshKeyType = "ssh-rsa" | "ssh-ed25519";

/** What OpenSSH bounds RSA keys by. */
const RSA_BITS_MIN = 1024;
const RSA_BITS_MAX = 16_384;

/**
 * The key that somebody wants to import: in OpenSSH's one-line form, as base64 of DER, in the form of RFC 4716, or as PEM.
 *
 * @throws {ApiError} `InvalidKey.Format` for anything else, and for keys other than RSA and Ed25519.
 */
export function importedPublicKey(material: Uint8Array): KeyObject {
	const text = Buffer.from(material).toString().trim();
	let key: KeyObject;
	try {
		key = keyOfText(text);
	} catch {
		// Whatever it was that OpenSSL or our reading of it did not like.
		throw invalidKeyFormat("Key is not in valid OpenSSH public key format");
	}
	const bits = key.asymmetricKeyDetails?.modulusLength;
	if (key.asymmetricKeyType === "ed25519") return key;
	if (key.asymmetricKeyType !== "rsa" || bits === undefined) throw invalidKeyFormat("Only RSA and ED25519 keys are supported");
	if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX) return key;
	throw invalidKeyFormat(`An RSA key of ${bits} bits is not supported; allowed: ${RSA_BITS_MIN} to ${RSA_BITS_MAX}`);
}

/** A public key in OpenSSH's one-line form, without the closing newline. */
export function openSshLine(key: KeyObject, comment: string): string {
	const blob = publicKeyBlob(key);
	const [type = ""] = readSshStrings(blob).map(String);
	return `${type} ${blob.toString("base64")} ${comment}`;
}

/** A public key as SSH's protocol has it (RFC 4253, section 6.6; RFC 8709, section 4). */
export function publicKeyBlob(key: KeyObject): Buffer {
	const { kty, n = "", e = "", x = "" } = key.export({ format: "jwk" });
	return kty === "RSA"
		? Buffer.concat([sshString("ssh-rsa"), sshString(positive(e)), sshString(positive(n))])
		: Buffer.concat([sshString("ssh-ed25519"), sshString(Buffer.from(x, "base64url"))]);
}

/**
 * The key of such a blob.
 *
 * @throws for what is no key, or one of another type.
 */
export function keyOfBlob(blob: Buffer): KeyObject {
	const [type, ...parts] = readSshStrings(blob);
	const [first, second, ...rest] = parts.map((part) => part.toString("base64url"));
	if (String(type) === ("ssh-rsa" satisfies SshKeyType) && first !== undefined && second !== undefined && rest.length === 0) {
		return createPublicKey({ key: { kty: "RSA", e: first, n: second }, format: "jwk" });
	}
	if (String(type) === ("ssh-ed25519" satisfies SshKeyType) && first !== undefined && second === undefined) {
		return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: first }, format: "jwk" });
	}
	throw new TypeError("neither an RSA nor an Ed25519 key");
}

function keyOfText(text: string): KeyObject {
	const [, pem] =
		/^-----BEGIN (?:RSA )?PUBLIC KEY-----\n([^-]*)-----END (?:RSA )?PUBLIC KEY-----$/.exec(text.replaceAll("\r\n", "\n")) ?? [];
	if (pem !== undefined) return keyOfDer(bytesOf(pem.replaceAll("\n", "")));
	if (text.startsWith(RFC_4716_BEGIN)) return keyOfBlob(bytesOf(rfc4716Body(text)));
	const [first = "", second, ...comment] = text.split(/[ \t]+/);
	if (second === undefined) return keyOfDer(bytesOf(first.replaceAll(/\s/g, "")));
	if (comment.some((word) => /[\r\n]/.test(word))) throw new TypeError("more than one line");
	const blob = bytesOf(second);
	if (String(readSshStrings(blob)[0]) !== first) throw new TypeError("another type than it says");
	return keyOfBlob(blob);
}

const RFC_4716_BEGIN = "---- BEGIN SSH2 PUBLIC KEY ----";
const RFC_4716_END = "---- END SSH2 PUBLIC KEY ----";

/** What is between the two lines, without the headers, which go on in the next line after a backslash. */
function rfc4716Body(text: string): string {
	const lines = text.replaceAll(/\\\r?\n/g, "").split(/\r?\n/);
	if (lines.at(-1) !== RFC_4716_END) throw new TypeError("does not end as it should");
	return lines
		.slice(1, -1)
		.filter((line) => !line.includes(":"))
		.join("");
}

/** Of OpenSSL's two forms of public keys. It would take the public half of a private key, too, but that is nobody's business. */
function keyOfDer(der: Buffer): KeyObject {
	for (const type of ["spki", "pkcs1"] as const) {
		try {
			const key = createPublicKey({ key: der, format: "der", type });
			// The longer form ends with the shorter one.
			if (key.export({ format: "der", type: "spki" }).subarray(-der.length).equals(der)) return key;
		} catch {
			// The other form, or none.
		}
	}
	throw new TypeError("no public key");
}

/** Buffer skips what isn't base64, so only what comes back the same was. */
function bytesOf(base64: string): Buffer {
	const bytes = Buffer.from(base64, "base64");
	if (bytes.length === 0 || bytes.toString("base64") !== base64) throw new TypeError("not base64");
	return bytes;
}

/** A positive number as SSH has it: with a zero byte in front where it would look negative (RFC 4251, section 5). */
function positive(base64url: string): Buffer {
	const bytes = Buffer.from(base64url, "base64url");
	return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
