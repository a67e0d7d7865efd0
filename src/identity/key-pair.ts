import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { IdentitySignature } from "./algorithms.ts";
import type { KeyPair } from "./certificate.ts";
import { integer, octetString, oid, sequence } from "./der.ts";

/** How the key pair behind each signature is made; rejects where the crypto library refuses the algorithm or the size. */
export type KeyPairMakers = Readonly<Record<IdentitySignature, () => Promise<KeyPair>>>;

export const KEY_PAIR_MAKERS: KeyPairMakers = {
	signature: () => rsaKeyPair(1024),
	pkcs7: async () => dsaKeyPair(),
	rsa2048: () => rsaKeyPair(2048),
};

/**
 * DSA domain parameters (p, q, g) of 1024 and 160 bits. They are public and may be shared: finding new ones takes 60 ms, a key within them
 * less than 1 ms. Nothing is hidden in them: OpenSSL derives the same from the seed "OpenIMDS DSA 1024004", the first of its row that leads
 * to a prime (`openssl genpkey -genparam -algorithm DSA`, in full in this file's test).
 */
export const DSA_PARAMETERS = Buffer.from(
	"MIIBHwKBgQD2TAiLfFGofBdvm5We3igGE45Im/MUyT6J/x/pE/j7Jn9Ij8r0UE6sBdCvfStezh8Cv40IqmmZrHJkSC5rmsE+5n7/VNCf4rSMaOO3nAsrFkCGbNaC" +
		"p7JcMH/TyCbrOqvV7bWiZEu9zpqPab5a+1PJVXkGhNNzhlZb6ikFFyJzdwIVAPJ2kUtlmimRJBHcyoz26Kpui6LJAoGBALKW4yKAmrO8WATs8xoOW4TxzAbxNRgl" +
		"6wRhMp6yOZEac3QTe4827fa0+0+3ZXA1EpQl9CrFdScCyrnpnyh0i9LrjsJOKFoXLnOr6deswJsN1BTYFYAIEkQsCjSYORUiX1NM0swja3SWElARGbDqRblqSIsC" +
		"HJ6fCt0CQHqy3d9I",
	"base64",
);

async function rsaKeyPair(modulusLength: number): Promise<KeyPair> {
	return promisify(generateKeyPair)("rsa", { modulusLength });
}

/** Node can generate DSA keys only with new parameters, but imports a PKCS #8 key that lacks its public half. */
function dsaKeyPair(): KeyPair {
	const secret = randomBytes(20);
	secret[0] = (secret[0] ?? 0) & 0x7f; // 159 bits: below q, whose highest bit is set
	const algorithm = sequence(oid("1.2.840.10040.4.1"), DSA_PARAMETERS);
	const key = sequence(integer(0), algorithm, octetString(integer(secret)));
	const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
	return { privateKey, publicKey: createPublicKey(privateKey) };
}
