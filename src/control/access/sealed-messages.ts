import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { SealedMessages } from "../operation.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A message is some kilobytes; what was sealed by us never inflates to more. */
const MESSAGE_MAX_BYTES = 1_048_576;

/**
 * Messages that only this account's DecodeAuthorizationMessage can read, as base64url (control-apis.md §3.6).
 *
 * @param secret 32 bytes.
 */
export function sealedMessages(secret: Uint8Array): SealedMessages {
	const key: KeyObject = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "openimds authorization messages", 32)));
	return {
		seal(message) {
			const nonce = randomBytes(NONCE_BYTES);
			const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
			// AWS: takes back 10 240 characters at most, which the context of a launch would exceed as it is.
			const packed = deflateRawSync(message);
			return Buffer.concat([nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]).toString("base64url");
		},
		open(sealed) {
			const bytes = Buffer.from(sealed, "base64url");
			if (bytes.toString("base64url") !== sealed || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
			const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
			decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
			const packed = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
			try {
				return inflateRawSync(Buffer.concat([packed, decipher.final()]), { maxOutputLength: MESSAGE_MAX_BYTES }).toString();
			} catch {
				return undefined; // the tag does not fit: somebody else's, or nobody's
			}
		},
	};
}
