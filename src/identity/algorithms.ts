import { NULL, oid, sequence } from "./der.ts";

/** The three values that vouch for the identity document, by their last path segment. Each has a key of its own. */
export const IDENTITY_SIGNATURES = ["signature", "pkcs7", "rsa2048"] as const;

export type IdentitySignature = (typeof IDENTITY_SIGNATURES)[number];

/** What each of them hashes with. AWS: metadata-endpoint.md §3.2 and §3.3. */
export const SIGNATURE_HASH: Readonly<Record<IdentitySignature, "sha1" | "sha256">> = {
	signature: "sha256",
	pkcs7: "sha1",
	rsa2048: "sha256",
};

// AlgorithmIdentifiers. DSA's alone has no parameters, not even NULL.
export const SHA1 = sequence(oid("1.3.14.3.2.26"), NULL);
export const SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), NULL);
export const DSA_WITH_SHA1 = sequence(oid("1.2.840.10040.4.3"));
export const RSA_WITH_SHA1 = sequence(oid("1.2.840.113549.1.1.5"), NULL);
export const RSA_WITH_SHA256 = sequence(oid("1.2.840.113549.1.1.11"), NULL);
