// The fingerprints of key pairs (ec2/verify-keys).

import { createHash, type KeyObject } from "node:crypto";
import { keyOfBlob, publicKeyBlob } from "./ssh-public-key.ts";

/**
 * AWS: of an RSA key that was imported the MD5 digest of the public key's DER, of an Ed25519 key the SHA-256 digest of its SSH form
 * in base64, wherever it was made.
 */
export function publicKeyFingerprint(key: KeyObject): string {
	if (key.asymmetricKeyType !== "rsa") return sha256(publicKeyBlob(key));
	return colonHex(
		createHash("md5")
			.update(key.export({ type: "spki", format: "der" }))
			.digest(),
	);
}

/** AWS: of an RSA key that EC2 made, the SHA-1 digest of the private key's DER (PKCS #8). */
export function privateKeyFingerprint(privateKey: KeyObject): string {
	return colonHex(
		createHash("sha1")
			.update(privateKey.export({ type: "pkcs8", format: "der" }))
			.digest(),
	);
}

/** The fingerprint of a public key in OpenSSH's one-line form, which a configuration file may have of any type. */
export function fingerprintOfLine(line: string): string {
	const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
	try {
		return publicKeyFingerprint(keyOfBlob(blob));
	} catch {
		// Of a type that EC2 has not: as ssh-keygen has it.
		return sha256(blob);
	}
}

function sha256(bytes: Buffer): string {
	return createHash("sha256").update(bytes).digest("base64");
}

function colonHex(bytes: Buffer): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
