// The keys that callers of the APIs sign with: made here, and recognised here.

import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import type { CredentialIssuer } from "../../identity/role-credentials.ts";
import type { AssumedRole, CallCredentials } from "../operation.ts";

/** A pair that never ends. */
export interface LongTermKey {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
}

/** Makes credentials of one service. */
export class Credentials implements CallCredentials {
	/** The account's own: it may do all. */
	readonly rootKey: LongTermKey;
	readonly issuer: CredentialIssuer;
	readonly #derivingKey: KeyObject;
	readonly #accountId: () => string;

	/**
	 * @param secret 32 bytes; the secret halves of all long-term keys follow from it, so that the store never holds one.
	 * @param accountId of the account now.
	 */
	constructor(secret: Uint8Array, issuer: CredentialIssuer, accountId: () => string) {
		this.#derivingKey = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "openimds access keys", 32)));
		this.issuer = issuer;
		this.#accountId = accountId;
		const accessKeyId = keyId(createHmac("sha256", this.#derivingKey).update("root").digest());
		this.rootKey = { accessKeyId, secretAccessKey: this.secretOf(accessKeyId) };
	}

	newAccessKeyId(): string {
		return keyId(randomBytes(16));
	}

	/** AWS: 40 characters of base64. */
	secretOf(accessKeyId: string): string {
		return createHmac("sha512", this.#derivingKey).update(accessKeyId).digest("base64").slice(0, 40);
	}

	assumeRole(
		{ roleArn, roleId, sessionName, durationSeconds, policies, tags }: AssumedRole,
		nowMs: number,
	): LongTermKey & { sessionToken: string; expiresAtMs: number } {
		const expiresAtMs = nowMs + durationSeconds * 1000;
		const claims = {
			accountId: this.#accountId(),
			roleArn,
			roleId,
			sessionName,
			...(policies.length > 0 && { policies }),
			...(tags.length > 0 && { tags }),
		};
		const { accessKeyId, secretAccessKey, sessionToken } = this.issuer.issue(claims, nowMs, expiresAtMs);
		return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
	}
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function keyId(octets: Buffer): string {
	return `AKIA${Array.from(octets.subarray(0, 16), (octet) => BASE32[octet & 31]).join("")}`;
}
