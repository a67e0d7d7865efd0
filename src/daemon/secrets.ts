// The secrets of a data folder: made at the first start, in files that only their owner can read.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createIdentityKeys, decodeIdentityKeys, encodeIdentityKeys, type IdentityKeys } from "../identity/identity-keys.ts";
import { type KeptFile, readOrMake } from "./kept-file.ts";

/** Everything that is signed, sealed or issued hangs on these. */
export interface Secrets {
	/** 32 bytes: session tokens. */
	readonly tokenSecret: Buffer;
	/** 32 bytes: role credentials. */
	readonly issuerSecret: Buffer;
	/** 32 bytes: the root key of the APIs and those of IAM users, and what only this account reads. */
	readonly apiSecret: Buffer;
	readonly identityKeys: IdentityKeys;
}

const SECRET_BYTES = 32;

const SECRET: KeptFile<Buffer> = {
	noun: `a secret of ${SECRET_BYTES} bytes`,
	make: async () => randomBytes(SECRET_BYTES),
	encode: (secret) => `${secret.toString("base64url")}\n`,
	decode(text) {
		const secret = Buffer.from(text.trimEnd(), "base64url");
		if (secret.length !== SECRET_BYTES || `${secret.toString("base64url")}\n` !== text) throw new Error("it is damaged");
		return secret;
	},
};

const IDENTITY_KEYS: KeptFile<IdentityKeys> = {
	noun: "a usable set of identity keys",
	make: createIdentityKeys,
	encode: encodeIdentityKeys,
	decode: decodeIdentityKeys,
};

/** The secrets kept in a folder, which exists. Files of mode 0600; a damaged one is an error that names it. */
export async function loadOrMakeSecrets(folder: string): Promise<Secrets> {
	const [tokenSecret, issuerSecret, apiSecret, identityKeys] = await Promise.all([
		readOrMake(join(folder, "token.key"), SECRET),
		readOrMake(join(folder, "issuer.key"), SECRET),
		readOrMake(join(folder, "api.key"), SECRET),
		readOrMake(join(folder, "identity-keys.pem"), IDENTITY_KEYS),
	]);
	return { tokenSecret, issuerSecret, apiSecret, identityKeys };
}
