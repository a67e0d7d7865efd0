// Session tokens: minted and checked without keeping any (metadata-endpoint.md §1.8, security.md S2).

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomFillSync } from "node:crypto";

/** AWS: 56 characters, URL-safe base64 with padding, of 40 bytes. */
export const TOKEN_LENGTH = 56;

/** AWS: a session lasts 1 second to 6 hours, in whole seconds. */
export const TOKEN_TTL_MIN_SECONDS = 1;
export const TOKEN_TTL_MAX_SECONDS = 21_600;

/** Bytes of the secret that all tokens hang on. */
const TOKEN_KEY_LENGTH = 32;

/** The instance a token belongs to, in its present life. A new generation ends all tokens of the one before. */
export interface TokenSubject {
	readonly instanceId: string;
	readonly tokenGeneration: number;
}

// 4 bytes of prefix, 12 of nonce, 8 of sealed expiry, 16 of authentication tag: EC2's 40 bytes, all used.
const PREFIX = Buffer.from([1, 0, 4, 0]); // AWS: "AQAEA…", Nitro since 2023.
const NONCE_AT = 4;
const SEALED_AT = 16;
const TAG_AT = 24;
const TOKEN_BYTES = 40;

/** Verified tokens remembered. A slot is found by the token's own bytes, so the table never grows and needs no eviction. */
const CACHE_SLOTS = 4096;

/** Instances whose derived key is remembered. */
const SUBJECT_KEYS = 4096;

/** Random bytes drawn at once: one call to the system for 1024 nonces. */
const NONCE_POOL_BYTES = 12 * 1024;

/**
 * Mints and checks the tokens of all instances under one secret. Stateless: what a token needs is in it, so tokens
 * outlive a restart and open at every process that has the secret. Tokens are sealed with AES-256-GCM under a key of
 * the instance's own, derived from the secret, its id and its token generation; so those two are bound in, and even a
 * repeated nonce (one in 2^32 after 2^32 tokens of one instance) would tell an instance only about its own tokens.
 */
export class TokenAuthority {
	readonly #secret: Buffer;
	readonly #keys = new Map<string, KeyObject>();
	readonly #noncePool = Buffer.alloc(NONCE_POOL_BYTES);
	#nonceAt = NONCE_POOL_BYTES;

	readonly #cachedTokens = Buffer.alloc(CACHE_SLOTS * TOKEN_LENGTH);
	readonly #cachedSubjects: (TokenSubject | undefined)[] = Array.from({ length: CACHE_SLOTS }, () => undefined);
	readonly #cachedExpiriesMs = new Float64Array(CACHE_SLOTS);
	readonly #opened = Buffer.alloc(TOKEN_BYTES);

	/** @param secret 32 random bytes; every process that shares them honours the same tokens. */
	constructor(secret: Uint8Array) {
		if (secret.length !== TOKEN_KEY_LENGTH) throw new RangeError(`token secret: ${secret.length} bytes; allowed: ${TOKEN_KEY_LENGTH}`);
		this.#secret = Buffer.from(secret);
	}

	/**
	 * A new token.
	 *
	 * @param ttlSeconds 1 to 21 600; the caller has checked it.
	 */
	mint(subject: TokenSubject, ttlSeconds: number, nowMs: number): string {
		const token = Buffer.allocUnsafe(TOKEN_BYTES);
		PREFIX.copy(token);
		this.#drawNonce(token);
		const cipher = createCipheriv("aes-256-gcm", this.#keyOf(subject), token.subarray(NONCE_AT, SEALED_AT));
		cipher.setAAD(PREFIX);
		const expiry = Buffer.alloc(TAG_AT - SEALED_AT);
		expiry.writeUIntBE(nowMs + ttlSeconds * 1000, 2, 6);
		cipher.update(expiry).copy(token, SEALED_AT);
		cipher.final();
		cipher.getAuthTag().copy(token, TAG_AT);
		return `${token.toString("base64url")}==`;
	}

	/**
	 * When a token expires, in milliseconds since the epoch; 0 for one that is not this subject's, or is over.
	 *
	 * @param bytes holds the token at `start` to `end`, as it came from the wire.
	 */
	check(bytes: Buffer, start: number, end: number, subject: TokenSubject, nowMs: number): number {
		if (end - start !== TOKEN_LENGTH) return 0;
		const slot = slotOf(bytes, start);
		const cached = this.#cachedSubjects[slot];
		if (
			cached !== undefined &&
			cached.instanceId === subject.instanceId &&
			cached.tokenGeneration === subject.tokenGeneration &&
			isSame(bytes, start, this.#cachedTokens, slot * TOKEN_LENGTH)
		) {
			const expiresAtMs = this.#cachedExpiriesMs[slot]!;
			return expiresAtMs > nowMs ? expiresAtMs : 0;
		}
		const expiresAtMs = this.#open(bytes, start, subject);
		if (expiresAtMs <= nowMs) return 0;
		bytes.copy(this.#cachedTokens, slot * TOKEN_LENGTH, start, end);
		this.#cachedSubjects[slot] = subject;
		this.#cachedExpiriesMs[slot] = expiresAtMs;
		return expiresAtMs;
	}

	#open(bytes: Buffer, start: number, subject: TokenSubject): number {
		const token = this.#opened;
		if (!decodeToken(bytes, start, token) || !PREFIX.equals(token.subarray(0, NONCE_AT))) return 0;
		const decipher = createDecipheriv("aes-256-gcm", this.#keyOf(subject), token.subarray(NONCE_AT, SEALED_AT));
		decipher.setAAD(PREFIX);
		decipher.setAuthTag(token.subarray(TAG_AT));
		const expiry = decipher.update(token.subarray(SEALED_AT, TAG_AT));
		try {
			decipher.final();
		} catch {
			return 0; // The tag is not ours: Node has no other way to say so.
		}
		return expiry.readUIntBE(2, 6);
	}

	#keyOf({ instanceId, tokenGeneration }: TokenSubject): KeyObject {
		const name = `${instanceId}\0${tokenGeneration}`;
		let key = this.#keys.get(name);
		if (key === undefined) {
			key = createSecretKey(createHmac("sha256", this.#secret).update(`openimds session token\0${name}`).digest());
			if (this.#keys.size >= SUBJECT_KEYS) this.#keys.clear();
			this.#keys.set(name, key);
		}
		return key;
	}

	#drawNonce(token: Buffer): void {
		if (this.#nonceAt === NONCE_POOL_BYTES) {
			randomFillSync(this.#noncePool);
			this.#nonceAt = 0;
		}
		this.#noncePool.copy(token, NONCE_AT, this.#nonceAt, this.#nonceAt + 12);
		this.#nonceAt += 12;
	}
}

/** The cache slot of a token: twelve bits of its nonce, which is random and no secret. */
function slotOf(bytes: Buffer, start: number): number {
	return (BASE64_VALUE[bytes[start + 8]!]! & 63) * 64 + (BASE64_VALUE[bytes[start + 9]!]! & 63);
}

/** Whether two tokens are the same: every byte of both is looked at, wherever the first difference is. */
function isSame(bytes: Buffer, start: number, others: Buffer, at: number): boolean {
	let difference = 0;
	for (let i = 0; i < TOKEN_LENGTH; i++) difference |= bytes[start + i]! ^ others[at + i]!;
	return difference === 0;
}

const BASE64_VALUE = new Int8Array(256).fill(-1);
for (const [value, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) {
	BASE64_VALUE[char.charCodeAt(0)] = value;
}

/**
 * Decodes 56 characters of padded URL-safe base64 into 40 bytes; `false` for anything but the one spelling of them.
 * Stricter than Buffer's decoder, which skips what it doesn't know: every changed character must count.
 */
function decodeToken(text: Buffer, start: number, into: Buffer): boolean {
	if (text[start + 54] !== 0x3d || text[start + 55] !== 0x3d) return false;
	let bits = 0;
	let held = 0;
	let at = 0;
	for (let i = 0; i < 54; i++) {
		const value = BASE64_VALUE[text[start + i]!]!;
		if (value < 0) return false;
		bits = ((bits << 6) | value) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			into[at++] = bits >> held;
		}
	}
	return (bits & ((1 << held) - 1)) === 0;
}
