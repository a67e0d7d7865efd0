// The three values beside the identity document, made when first read after a change and without waiting for anything.

import { createHash, sign } from "node:crypto";
import { DSA_WITH_SHA1, RSA_WITH_SHA256, SHA1, SHA256, SIGNATURE_HASH } from "./algorithms.ts";
import { issuerAndSerial } from "./certificate.ts";
import { indefinite, integer, octetString, oid, retagged, SEQUENCE, sequence, setOf, time } from "./der.ts";
import type { IdentityKey, IdentityKeys } from "./identity-keys.ts";

/** AWS: signingTime follows pendingTime by about this much (metadata-endpoint.md §3.3). */
export const SIGNING_DELAY_MS = 3_000;

/** `dynamic/instance-identity/signature`: RSA-1024 over the document itself. Undefined where that key is missing. */
export function signatureOf(document: string, keys: IdentityKeys): string | undefined {
	if (keys.signature === undefined) return undefined;
	return base64Lines(sign(SIGNATURE_HASH.signature, Buffer.from(document), keys.signature.privateKey));
}

/** `dynamic/instance-identity/pkcs7`: the document in a CMS envelope signed with DSA. Undefined where that key is missing. */
export function pkcs7Of(document: string, keys: IdentityKeys, signingTimeMs: number): string | undefined {
	if (keys.pkcs7 === undefined) return undefined;
	return base64Lines(signedData(document, { ...keys.pkcs7, ...PKCS7 }, signingTimeMs));
}

/** `dynamic/instance-identity/rsa2048`: the document in a CMS envelope signed with RSA-2048. */
export function rsa2048Of(document: string, keys: IdentityKeys, signingTimeMs: number): string {
	return base64Lines(signedData(document, { ...keys.rsa2048, ...RSA2048 }, signingTimeMs));
}

interface Suite {
	readonly hash: "sha1" | "sha256";
	readonly digestAlgorithm: Buffer;
	readonly signatureAlgorithm: Buffer;
}

const PKCS7: Suite = { hash: SIGNATURE_HASH.pkcs7, digestAlgorithm: SHA1, signatureAlgorithm: DSA_WITH_SHA1 };
const RSA2048: Suite = { hash: SIGNATURE_HASH.rsa2048, digestAlgorithm: SHA256, signatureAlgorithm: RSA_WITH_SHA256 };

const SIGNED_DATA = oid("1.2.840.113549.1.7.2");
const DATA = oid("1.2.840.113549.1.7.1");
const EXPLICIT_0 = 0xa0;
const CONSTRUCTED_OCTET_STRING = 0x24;

/** SignedData of RFC 5652. AWS: indefinite lengths outside, DER inside the SignerInfo, no certificates (metadata-endpoint.md §3.3). */
function signedData(text: string, signer: IdentityKey & Suite, signingTimeMs: number): Buffer {
	const document = Buffer.from(text);
	const content = indefinite(EXPLICIT_0, indefinite(CONSTRUCTED_OCTET_STRING, octetString(document)));
	return indefinite(
		SEQUENCE,
		SIGNED_DATA,
		indefinite(
			EXPLICIT_0,
			indefinite(
				SEQUENCE,
				integer(1),
				setOf(signer.digestAlgorithm),
				indefinite(SEQUENCE, DATA, content),
				setOf(signerInfo(document, signer, signingTimeMs)),
			),
		),
	);
}

function signerInfo(document: Buffer, signer: IdentityKey & Suite, signingTimeMs: number): Buffer {
	const { privateKey, certificate, hash, digestAlgorithm, signatureAlgorithm } = signer;
	const signedAttributes = setOf(
		attribute("1.2.840.113549.1.9.3", DATA), // content type
		attribute("1.2.840.113549.1.9.5", time(signingTimeMs)),
		attribute("1.2.840.113549.1.9.4", octetString(createHash(hash).update(document).digest())),
		// AWS: the algorithm protection of RFC 6211, since late 2021.
		attribute("1.2.840.113549.1.9.52", sequence(digestAlgorithm, retagged(0xa1, signatureAlgorithm))),
	);
	return sequence(
		integer(1),
		issuerAndSerial(certificate),
		digestAlgorithm,
		retagged(0xa0, signedAttributes), // signed as the SET it is, sent under another tag
		signatureAlgorithm,
		octetString(sign(hash, signedAttributes, privateKey)),
	);
}

function attribute(type: string, value: Buffer): Buffer {
	return sequence(oid(type), setOf(value));
}

/** Lines of 76 characters without a newline at the end. */
function base64Lines(bytes: Buffer): string {
	return bytes.toString("base64").replace(/.{76}(?=.)/g, "$&\n");
}
