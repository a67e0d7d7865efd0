import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** A key pair's public half, in OpenSSH's one-line form without the closing newline. */
export interface KeyPair {
	readonly keyName: string;
	readonly publicKey: string;
	/** `key-…`; missing: it follows from the name. */
	readonly keyPairId?: string;
	readonly createTime?: Timestamp;
	/** AWS: of a pair that EC2 made the digest is that of the private key, which it does not keep. Missing: the public key's. */
	readonly fingerprint?: string;
	readonly tags?: readonly Tag[];
}
