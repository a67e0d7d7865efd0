// Self-signed certificates in the shapes of AWS's own, which verifiers are given by hand (metadata-endpoint.md §3.2 and §3.3).
// Gap: AWS has a certificate for rsa2048 in each Region; ours is one for all.

import { createHash, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { DSA_WITH_SHA1, type IdentitySignature, RSA_WITH_SHA1, RSA_WITH_SHA256 } from "./algorithms.ts";
import { bitString, integer, octetString, oid, printableString, retagged, sequence, setOf, time, tlv, TRUE } from "./der.ts";

export interface KeyPair {
	readonly privateKey: KeyObject;
	readonly publicKey: KeyObject;
}

/** Whom `pkcs7` and `rsa2048` name as their signer. */
const SIGNER_NAME = distinguishedName([
	["2.5.4.6", "US"],
	["2.5.4.8", "Washington State"],
	["2.5.4.7", "Seattle"],
	["2.5.4.10", "Amazon Web Services LLC"],
]);

const EC2_NAME = distinguishedName([
	["2.5.4.6", "US"],
	["2.5.4.8", "Washington"],
	["2.5.4.7", "Seattle"],
	["2.5.4.10", "Amazon.com Inc."],
	["2.5.4.3", "ec2.amazonaws.com"],
]);

// The span of AWS's certificates for rsa2048. Fixed, so that a machine that starts with a wrong clock makes no certificate of the future.
const VALIDITY = sequence(time(Date.UTC(2015, 0, 1)), time(Date.UTC(2195, 0, 1)));

interface Shape {
	readonly name: Buffer;
	readonly hash: "sha1" | "sha256";
	readonly signatureAlgorithm: Buffer;
	/** Undefined: a version 1 certificate. */
	readonly extensions?: (pair: KeyPair, serial: Buffer) => readonly Buffer[];
}

const SHAPES: Readonly<Record<IdentitySignature, Shape>> = {
	signature: {
		name: EC2_NAME,
		hash: "sha1",
		signatureAlgorithm: RSA_WITH_SHA1,
		extensions: (pair, serial) => [...keyIdentifiers(pair, EC2_NAME, serial), extension("2.5.29.19", sequence(TRUE))],
	},
	pkcs7: { name: SIGNER_NAME, hash: "sha1", signatureAlgorithm: DSA_WITH_SHA1 },
	rsa2048: {
		name: SIGNER_NAME,
		hash: "sha256",
		signatureAlgorithm: RSA_WITH_SHA256,
		extensions: (pair, serial) => [
			extension("2.5.29.15", bitString(Uint8Array.of(0x80), 7)), // key usage: digital signature
			...keyIdentifiers(pair, SIGNER_NAME, serial),
			extension("2.5.29.19", sequence(TRUE, integer(0)), "critical"), // a CA, path length 0
		],
	},
};

/** A new certificate for one of the three keys. Throws where the crypto library refuses the algorithm. */
export function selfSignedCertificate(purpose: IdentitySignature, pair: KeyPair): X509Certificate {
	const { name, hash, signatureAlgorithm, extensions } = SHAPES[purpose];
	const serial = newSerial();
	const toBeSigned = sequence(
		...(extensions === undefined ? [] : [tlv(0xa0, integer(2))]), // version 3; 1 is not written
		serial,
		signatureAlgorithm,
		name,
		VALIDITY,
		name,
		pair.publicKey.export({ format: "der", type: "spki" }),
		...(extensions === undefined ? [] : [tlv(0xa3, sequence(...extensions(pair, serial)))]),
	);
	return new X509Certificate(sequence(toBeSigned, signatureAlgorithm, bitString(sign(hash, toBeSigned, pair.privateKey))));
}

/** How a CMS SignerInfo names the certificate of `pkcs7` or `rsa2048`. */
export function issuerAndSerial(certificate: X509Certificate): Buffer {
	return sequence(SIGNER_NAME, integer(Buffer.from(certificate.serialNumber, "hex")));
}

/**
 * 64 bits with the highest one set, so that it is as long as AWS's serials, and random: verifiers look the certificate up by issuer and
 * serial, and the issuer is AWS's own, so a serial of AWS's would make Vault, which has both, take the wrong one.
 */
function newSerial(): Buffer {
	const octets = randomBytes(8);
	octets[0] = (octets[0] ?? 0) | 0x80;
	return integer(octets);
}

function keyIdentifiers({ publicKey }: KeyPair, issuer: Buffer, serial: Buffer): Buffer[] {
	const keyId = octetString(
		createHash("sha1")
			.update(publicKey.export({ format: "der", type: "pkcs1" }))
			.digest(),
	);
	const authority = sequence(retagged(0x80, keyId), tlv(0xa1, tlv(0xa4, issuer)), retagged(0x82, serial));
	return [extension("2.5.29.14", keyId), extension("2.5.29.35", authority)];
}

function extension(id: string, value: Buffer, critical?: "critical"): Buffer {
	return sequence(oid(id), ...(critical === undefined ? [] : [TRUE]), octetString(value));
}

function distinguishedName(parts: readonly (readonly [attribute: string, value: string])[]): Buffer {
	return sequence(...parts.map(([attribute, value]) => setOf(sequence(oid(attribute), printableString(value)))));
}
