/** A key pair's public half, in OpenSSH's one-line form without the closing newline. */
export interface KeyPair {
	readonly keyName: string;
	readonly publicKey: string;
}
