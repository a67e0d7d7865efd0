import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";

/** What a signing key is derived for, besides the secret: good for one day, in one region, at one service. */
export interface CredentialScope {
	/** `YYYYMMDD` */
	readonly date: string;
	readonly region: string;
	readonly service: string;
}

interface Remembered {
	readonly secretDigest: Buffer;
	readonly key: KeyObject;
}

/**
 * Signing keys, and those derived last: four HMACs are spared for a caller who comes again.
 *
 * A key is found by access key id and scope, which are no secrets, and belongs to the secret that it was derived from: a
 * secret that changed derives anew and takes the place of the old one. Secrets themselves are not kept, only their HMAC
 * under a key of this process, compared in constant time. What stays is worth one day, region and service, and the least
 * recently used goes when the table is full.
 */
export class SigningKeys {
	readonly #limit: number;
	readonly #remembered = new Map<string, Remembered>();
	readonly #digestKey = createSecretKey(randomBytes(32));

	/** @param limit keys remembered, at least 1. */
	constructor(limit: number) {
		this.#limit = limit;
	}

	/** How many keys are remembered. */
	get size(): number {
		return this.#remembered.size;
	}

	/** The key that signs what `accessKeyId` signs in this scope, if `secretAccessKey` is its secret. */
	keyOf(accessKeyId: string, secretAccessKey: string, scope: CredentialScope): KeyObject {
		const name = JSON.stringify([accessKeyId, scope.date, scope.region, scope.service]);
		const secretDigest = createHmac("sha256", this.#digestKey).update(secretAccessKey).digest();
		let found = this.#remembered.get(name);
		// Deleted and set again: a Map keeps the order of insertion, so the first is always the one that was used longest ago.
		this.#remembered.delete(name);
		if (found === undefined || !timingSafeEqual(found.secretDigest, secretDigest)) {
			found = { secretDigest, key: deriveKey(secretAccessKey, scope) };
		}
		this.#remembered.set(name, found);
		if (this.#remembered.size > this.#limit) this.#remembered.delete(this.#remembered.keys().next().value!);
		return found.key;
	}
}

function deriveKey(secretAccessKey: string, { date, region, service }: CredentialScope): KeyObject {
	const dateKey = createHmac("sha256", `AWS4${secretAccessKey}`).update(date).digest();
	const regionKey = createHmac("sha256", dateKey).update(region).digest();
	const serviceKey = createHmac("sha256", regionKey).update(service).digest();
	return createSecretKey(createHmac("sha256", serviceKey).update("aws4_request").digest());
}
