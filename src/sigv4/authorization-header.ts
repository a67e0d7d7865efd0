/** The parts of an Authorization header by their names there; "" for one that is not there. */
export interface AuthorizationParts {
	readonly Credential: string;
	readonly SignedHeaders: string;
	readonly Signature: string;
}

/** The first word of an Authorization header: `AWS4-HMAC-SHA256`, or another scheme's name, or whatever somebody sent. */
export function algorithmOf(value: string): string {
	return piecesOf(value)[0] ?? "";
}

/**
 * Takes apart `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; a text says what is wrong with one that can't be.
 *
 * AWS: parts may be separated by commas, by blanks, or both (DynamoDB, as the tests of dynalite and ScyllaDB's Alternator have it).
 */
export function readAuthorizationHeader(value: string): AuthorizationParts | string {
	const parts = new Map<string, string>();
	for (const piece of piecesOf(value).slice(1)) {
		const at = piece.indexOf("=");
		if (at < 1) return "Authorization header has a part that is not a valid key=value pair.";
		const name = piece.slice(0, at);
		if (parts.has(name)) return "Authorization header has a part more than once.";
		parts.set(name, piece.slice(at + 1));
	}
	return {
		Credential: parts.get("Credential") ?? "",
		SignedHeaders: parts.get("SignedHeaders") ?? "",
		Signature: parts.get("Signature") ?? "",
	};
}

function piecesOf(value: string): string[] {
	return value.split(/[\s,]+/).filter((piece) => piece !== "");
}
