import { createHash, createPrivateKey, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { IDENTITY_SIGNATURES, type IdentitySignature, SIGNATURE_HASH } from "./algorithms.ts";
import { selfSignedCertificate } from "./certificate.ts";
import { KEY_PAIR_MAKERS, type KeyPairMakers } from "./key-pair.ts";

/** A private key and the certificate that verifiers are given. */
export interface IdentityKey {
	readonly privateKey: KeyObject;
	readonly certificate: X509Certificate;
}

/** What identity documents are signed with. Crypto libraries in FIPS mode refuse all but `rsa2048`; the others are then undefined. */
export interface IdentityKeys extends Readonly<Record<IdentitySignature, IdentityKey | undefined>> {
	readonly rsa2048: IdentityKey;
	/** Why a key is missing, a sentence for the log each. */
	readonly refusals: readonly string[];
}

/** A new set, in about the time that a 2048-bit RSA key takes (median 70 ms, sometimes 200 ms). */
export async function createIdentityKeys(makers: KeyPairMakers = KEY_PAIR_MAKERS): Promise<IdentityKeys> {
	return collect(async (name) => {
		const pair = await makers[name]();
		return { privateKey: pair.privateKey, certificate: selfSignedCertificate(name, pair) };
	});
}

/** The whole set as one text: PEM blocks under the name of what they sign, and a checksum. */
export function encodeIdentityKeys(keys: IdentityKeys): string {
	const blocks = IDENTITY_SIGNATURES.map((name) => {
		const key = keys[name];
		return key === undefined
			? ""
			: [name, "\n", key.privateKey.export({ format: "pem", type: "pkcs8" }), key.certificate.toString(), "\n"].join("");
	});
	const text = `${HEADING}\n\n${blocks.join("")}`;
	return `${text}sha256 ${checksum(text)}\n`;
}

/** Reads what {@link encodeIdentityKeys} wrote; rejects when it is not exactly that. */
export async function decodeIdentityKeys(text: string): Promise<IdentityKeys> {
	const [, body = "", sum] = /^(.*\n)sha256 ([0-9a-f]{64})\n$/s.exec(text) ?? [];
	// The checksum tells damage apart from keys that are whole but refused by this crypto library.
	if (sum !== checksum(body)) throw new Error("its checksum does not fit its content");
	return collect(async (name) => {
		const [, privateKey = "", certificate = ""] =
			new RegExp(`^${name}\n(${pem("PRIVATE KEY")})(${pem("CERTIFICATE")})`, "m").exec(body) ?? [];
		if (privateKey === "") throw new Error("the crypto library that made the key file refused it");
		return { privateKey: createPrivateKey(privateKey), certificate: new X509Certificate(certificate) };
	});
}

const HEADING = "Private keys of OpenIMDS. Whoever can read them can forge the identity of its instances.";

async function collect(obtain: (name: IdentitySignature) => Promise<IdentityKey>): Promise<IdentityKeys> {
	const refusals: string[] = [];
	const attempt = async (name: IdentitySignature): Promise<IdentityKey | undefined> => {
		try {
			const key = await obtain(name);
			assertSigns(name, key);
			return key;
		} catch (error) {
			refusals.push(`instance-identity/${name} is not served: ${error instanceof Error ? error.message : String(error)}`);
			return undefined;
		}
	};
	const [signature, pkcs7, rsa2048] = await Promise.all([attempt("signature"), attempt("pkcs7"), attempt("rsa2048")]);
	if (rsa2048 === undefined) throw new Error(refusals.find((refusal) => refusal.includes("/rsa2048 ")));
	return { signature, pkcs7, rsa2048, refusals };
}

/** Refusals show here, at the start, and not when the first instance asks. */
function assertSigns(name: IdentitySignature, { privateKey, certificate }: IdentityKey): void {
	const probe = Buffer.from(name);
	const signature = sign(SIGNATURE_HASH[name], probe, privateKey);
	if (!verify(SIGNATURE_HASH[name], probe, certificate.publicKey, signature))
		throw new Error("its key and its certificate do not belong together");
}

function pem(label: string): string {
	return `-----BEGIN ${label}-----\n[A-Za-z0-9+/=\n]+-----END ${label}-----\n`;
}

function checksum(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
