import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from "node:crypto";
import { timestamp } from "../model/timestamp.ts";
import type { RoleCredentials } from "./credential-documents.ts";

/** Stands for a role's ARN: the role that every instance has, which allows nothing (metadata-endpoint.md §4.5). */
export const EC2_INSTANCE_ROLE = "ec2-instance";

/** What a credential set says about its holder. */
export interface SessionClaims {
	/** Twelve digits. */
	readonly accountId: string;
	/** An ARN, or {@link EC2_INSTANCE_ROLE}. */
	readonly roleArn: string;
	readonly roleId?: string | undefined;
	// The five below are those of a set that an instance was given.
	readonly instanceArn?: string | undefined;
	readonly instanceId?: string | undefined;
	/** `ec2:RoleDelivery`: the version of IMDS that handed the set out. */
	readonly delivery?: "1.0" | "2.0" | undefined;
	readonly vpcId?: string | undefined;
	readonly privateIp?: string | undefined;
	// The three below are those of a set that somebody took by AssumeRole.
	readonly sessionName?: string | undefined;
	/** Session policies: JSON, or the ARN of a managed one. */
	readonly policies?: readonly string[] | undefined;
	readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
}

/** A set that was presented and found to be ours and alive; the secret is there to check request signatures with. */
export interface VerifiedSession extends SessionClaims {
	readonly issuedAtMs: number;
	readonly expiresAtMs: number;
	readonly secretAccessKey: string;
}

/** `malformed` was never ours, `forged` looks like ours but is not or has the wrong key id, `expired` was. */
export type SessionRefusal = "malformed" | "forged" | "expired";

/** Far above the longest that names, ARNs, session policies and tags of legal length lead to. */
const MAX_TOKEN_CHARACTERS = 32_768;
const ACCESS_KEY_ID = /^ASIA[A-Z2-7]{16}$/;

/** AWS: session tokens begin so (`IQoJb3JpZ2luX2Vj` in base64). The last octet tells versions of our format apart. */
const HEADER = Buffer.from("\u0021\n\torigin_ec\u0010", "latin1");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Issues credentials for roles and recognises them, with nothing but one secret: the token carries its claims encrypted, and the other two
 * values follow from them. The same claims and times always give the same set, so a fleet that shares the secret hands out one set.
 */
export class CredentialIssuer {
	readonly #sealingKey: KeyObject;
	readonly #derivingKey: KeyObject;
	/** How many sets were made, and when the last one. */
	issued = 0;
	lastIssuedMs = 0;

	constructor(secret: Uint8Array) {
		if (secret.length !== 32) throw new RangeError(`the secret of the credential issuer has ${secret.length} bytes; it needs 32`);
		this.#sealingKey = subkey(secret, "openimds role credentials: seal");
		this.#derivingKey = subkey(secret, "openimds role credentials: derive");
	}

	issue(claims: SessionClaims, issuedAtMs: number, expiresAtMs: number): RoleCredentials {
		const content = Buffer.from(encode({ ...claims, issuedAtMs, expiresAtMs }));
		const { nonce, accessKeyId, secretAccessKey } = this.#derive(content, claims.accountId);
		const cipher = createCipheriv("aes-256-gcm", this.#sealingKey, nonce, { authTagLength: TAG_BYTES }).setAAD(HEADER);
		const sealed = Buffer.concat([HEADER, nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
		const sessionToken = sealed.toString("base64");
		if (sessionToken.length > MAX_TOKEN_CHARACTERS)
			throw new RangeError(`a session token of ${sessionToken.length} characters is too long`);
		this.issued++;
		this.lastIssuedMs = Date.now();
		return { accessKeyId, secretAccessKey, sessionToken, lastUpdated: timestamp(issuedAtMs), expiration: timestamp(expiresAtMs) };
	}

	/** Whose the presented pair is. The caller checks the request's signature with the secret that comes with the answer. */
	verify(accessKeyId: string, sessionToken: string, nowMs: number): VerifiedSession | SessionRefusal {
		if (sessionToken.length > MAX_TOKEN_CHARACTERS || !ACCESS_KEY_ID.test(accessKeyId)) return "malformed";
		const sealed = Buffer.from(sessionToken, "base64");
		// Node's decoder skips what is not base64, so that many texts would stand for one token.
		if (sealed.toString("base64") !== sessionToken) return "malformed";
		if (sealed.length < HEADER.length + NONCE_BYTES + TAG_BYTES || !sealed.subarray(0, HEADER.length).equals(HEADER)) return "malformed";
		const content = this.#open(sealed);
		if (content === undefined) return "forged";
		const session = decode(content);
		const derived = this.#derive(content, session.accountId);
		if (!timingSafeEqual(Buffer.from(derived.accessKeyId), Buffer.from(accessKeyId))) return "forged";
		if (nowMs >= session.expiresAtMs) return "expired";
		return { ...session, secretAccessKey: derived.secretAccessKey };
	}

	#open(sealed: Buffer): Buffer | undefined {
		const nonce = sealed.subarray(HEADER.length, HEADER.length + NONCE_BYTES);
		const decipher = createDecipheriv("aes-256-gcm", this.#sealingKey, nonce, { authTagLength: TAG_BYTES }).setAAD(HEADER);
		decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
		const content = decipher.update(sealed.subarray(HEADER.length + NONCE_BYTES, -TAG_BYTES));
		try {
			return Buffer.concat([content, decipher.final()]);
		} catch {
			return undefined; // the tag does not fit: the only way that final() fails
		}
	}

	/** The nonce follows from the content, as in SIV: it repeats only for the same content, which then gives the same token. */
	#derive(content: Buffer, accountId: string): { nonce: Buffer; accessKeyId: string; secretAccessKey: string } {
		const octets = createHmac("sha512", this.#derivingKey).update(content).digest();
		return {
			nonce: octets.subarray(0, NONCE_BYTES),
			secretAccessKey: octets.subarray(NONCE_BYTES, NONCE_BYTES + 30).toString("base64"),
			accessKeyId: accessKeyIdOf(accountId, octets.readBigUInt64BE(NONCE_BYTES + 30)),
		};
	}
}

/**
 * AWS: a key id holds its account (as GetAccessKeyInfo and the multi-account mode of other emulators read it): of 80 bits the first is set,
 * the next 40 are the account, the rest is the key's own.
 */
function accessKeyIdOf(accountId: string, random: bigint): string {
	const bits = (1n << 79n) | (BigInt.asUintN(40, BigInt(accountId)) << 39n) | BigInt.asUintN(39, random);
	return `ASIA${bits.toString(32).replace(/./g, (digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(parseInt(digit, 32)))}`;
}

function subkey(secret: Uint8Array, purpose: string): KeyObject {
	return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", purpose, 32)));
}

type Session = Omit<VerifiedSession, "secretAccessKey">;

/** Names its fields, so that neither their order nor stray ones in the argument change the token. */
function encode(session: Session): string {
	const { accountId, roleArn, roleId, instanceArn, instanceId, delivery, vpcId, privateIp } = session;
	const { sessionName, policies, tags, issuedAtMs, expiresAtMs } = session;
	const holder = { accountId, roleArn, roleId, instanceArn, instanceId, delivery, vpcId, privateIp };
	return JSON.stringify({ ...holder, sessionName, policies, tags, issuedAtMs, expiresAtMs });
}

/** Only ever reads what {@link encode} wrote: the content has been authenticated, and the header's version with it. */
function decode(content: Buffer): Session {
	return JSON.parse(content.toString()) as Session;
}
