import { type KeyObject, randomBytes } from "node:crypto";
import { sshNumber, sshString } from "./ssh-encoding.ts";
import { publicKeyBlob } from "./ssh-public-key.ts";

/**
 * A private key as EC2 hands it out, in PEM.
 *
 * AWS: RSA keys in the form of PKCS #1, Ed25519 keys in OpenSSH's own: ssh reads no other form of those.
 *
 * @param privateKey RSA or Ed25519.
 */
export function privateKeyPem(privateKey: KeyObject, publicKey: KeyObject, comment: string): string {
	if (privateKey.asymmetricKeyType === "rsa") return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
	const base64 = openSshPrivateKey(privateKey, publicKey, comment).toString("base64");
	const lines = base64.match(/.{1,70}/g) ?? [];
	return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

/** Ciphers pad to their blocks; "none" has blocks of eight bytes. */
const BLOCK_BYTES = 8;

/** OpenSSH's PROTOCOL.key, for one Ed25519 key that is not encrypted. */
function openSshPrivateKey(privateKey: KeyObject, publicKey: KeyObject, comment: string): Buffer {
	const { d = "", x = "" } = privateKey.export({ format: "jwk" });
	const [secret, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
	// The same number twice shows a reader that it has decrypted it rightly.
	const check = randomBytes(4);
	const content = Buffer.concat([
		check,
		check,
		sshString("ssh-ed25519"),
		sshString(point),
		sshString(Buffer.concat([secret, point])),
		sshString(comment),
	]);
	const missing = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES;
	const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
	return Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		sshString("none"), // cipher
		sshString("none"), // of the passphrase
		sshString(""),
		sshNumber(1),
		sshString(publicKeyBlob(publicKey)),
		sshString(Buffer.concat([content, padding])),
	]);
}
