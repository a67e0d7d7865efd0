/** Tokens: nothing opens but what was minted, for whom it was minted (security.md S2). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TOKEN_LENGTH, TokenAuthority, type TokenSubject } from "../../src/token/token-authority.ts";

const SECRET = Buffer.alloc(32, 7);
const NOW_MS = Date.parse("2026-01-02T03:04:05Z");
const TTL_SECONDS = 60;

const OWNER: TokenSubject = { instanceId: "i-1234567890abcdef0", tokenGeneration: 1 };
const OTHERS: readonly TokenSubject[] = [
	{ instanceId: "i-1234567890abcdef1", tokenGeneration: 1 },
	{ instanceId: "i-1234567890abcdef0", tokenGeneration: 2 },
	{ instanceId: "i-1234567890abcdef0", tokenGeneration: 11 },
];

/** Texts to present as a token, and masks to lay over a real one. */
export function tokenInputs(): fc.Arbitrary<Buffer> {
	const mask = fc
		.array(fc.tuple(fc.nat(TOKEN_LENGTH - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 })
		.map((changes) => {
			const bytes = Buffer.alloc(TOKEN_LENGTH);
			for (const [at, change] of changes) bytes[at] = change;
			return bytes;
		});
	const foreign = fc.record({ secret: fc.nat(255), generation: fc.nat(3) }).map(({ secret, generation }) => {
		const authority = new TokenAuthority(Buffer.alloc(32, secret === 7 ? 8 : secret));
		return Buffer.from(authority.mint({ ...OWNER, tokenGeneration: generation }, TTL_SECONDS, NOW_MS));
	});
	return fc.oneof(
		mask,
		foreign,
		fc.stringMatching(/^AQAEA[A-Za-z0-9_-]{49}==$/).map((text) => Buffer.from(text)),
		fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
	);
}

/**
 * The input opens nothing: not as it is, not laid over a real token (XOR), not put into one, and not where it cuts one off. The real token
 * goes on opening for its owner until its end, and for nobody else, whatever was presented in between.
 */
export function assertTokensHold(input: Buffer): void {
	const authority = new TokenAuthority(SECRET);
	const token = Buffer.from(authority.mint(OWNER, TTL_SECONDS, NOW_MS));
	const at = (input[0] ?? 0) % TOKEN_LENGTH;
	const forgeries = [
		input,
		Buffer.from(token.map((byte, i) => byte ^ (input[i] ?? 0))),
		Buffer.concat([token.subarray(0, at), input, token.subarray(at)]),
		Buffer.concat([token.subarray(0, at), input, token.subarray(at + input.length)]),
		token.subarray(0, at),
	].filter((forgery) => !forgery.equals(token));

	// Twice: the authority remembers what it opened, and that must make no difference.
	for (const round of ["first", "second"]) {
		for (const forgery of forgeries) assert.equal(expiry(authority, forgery, OWNER), 0, `${round}: ${forgery.toString("latin1")} opens`);
		for (const other of OTHERS) assert.equal(expiry(authority, token, other), 0, `${round}: opens for another`);
		assert.equal(expiry(authority, token, OWNER), NOW_MS + TTL_SECONDS * 1000, `${round}: does not open for its owner`);
		assert.equal(expiry(authority, token, OWNER, NOW_MS + TTL_SECONDS * 1000), 0, `${round}: opens after its end`);
	}
}

function expiry(authority: TokenAuthority, token: Buffer, subject: TokenSubject, nowMs = NOW_MS): number {
	// In the middle of a request, as it comes: what stands around it is no part of it.
	const bytes = Buffer.concat([Buffer.from("AQAEA: "), token, Buffer.from("==\r\n")]);
	return authority.check(bytes, 7, 7 + token.length, subject, nowMs);
}
