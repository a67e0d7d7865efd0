import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { TOKEN_LENGTH, TOKEN_TTL_MAX_SECONDS, TokenAuthority, type TokenSubject } from "./token-authority.ts";

const SECRET = randomBytes(32);
const SUBJECT: TokenSubject = { instanceId: "i-1234567890abcdef0", tokenGeneration: 1 };
const NOW_MS = Date.parse("2026-01-02T03:04:05Z");

const subjects = fc.record({ instanceId: fc.stringMatching(/^i-[0-9a-f]{17}$/), tokenGeneration: fc.nat() });
const ttls = fc.integer({ min: 1, max: TOKEN_TTL_MAX_SECONDS });

function check(authority: TokenAuthority, token: string, subject = SUBJECT, nowMs = NOW_MS): number {
	const bytes = Buffer.from(`head ${token} tail`, "latin1");
	return authority.check(bytes, 5, 5 + token.length, subject, nowMs);
}

describe("TokenAuthority", () => {
	test("a token has EC2's form: 56 characters of padded URL-safe base64 that begin with AQAEA", () => {
		fc.assert(
			fc.property(subjects, ttls, (subject, ttl) => {
				assert.match(new TokenAuthority(SECRET).mint(subject, ttl, NOW_MS), /^AQAEA[A-Za-z0-9_-]{49}==$/);
			}),
		);
	});

	test("a token opens for its own subject until the last millisecond of its life, and not after", () => {
		fc.assert(
			fc.property(subjects, ttls, fc.nat(2000), (subject, ttl, pastMs) => {
				const authority = new TokenAuthority(SECRET);
				const token = authority.mint(subject, ttl, NOW_MS);
				const expiresAtMs = NOW_MS + ttl * 1000;
				assert.equal(check(authority, token, subject, NOW_MS), expiresAtMs);
				assert.equal(check(authority, token, subject, expiresAtMs - 1), expiresAtMs);
				assert.equal(check(authority, token, subject, expiresAtMs + pastMs), 0);
				// The cache that the checks above filled does not extend it, nor does an authority that has none.
				assert.equal(check(new TokenAuthority(SECRET), token, subject, expiresAtMs + 1000), 0);
			}),
		);
	});

	test("any changed bit of a token is refused, whether or not the token is cached", () => {
		const authority = new TokenAuthority(SECRET);
		const token = authority.mint(SUBJECT, 60, NOW_MS);
		for (const cached of [false, true]) {
			const checking = cached ? authority : new TokenAuthority(SECRET);
			if (cached) assert.notEqual(check(checking, token), 0);
			for (let bit = 0; bit < TOKEN_LENGTH * 8; bit++) {
				const changed = Buffer.from(token, "latin1");
				changed[bit >> 3]! ^= 1 << (bit & 7);
				assert.equal(check(checking, changed.toString("latin1")), 0, `bit ${bit}`);
			}
		}
	});

	test("a token of one instance does not open another, nor the same one in another life, nor under another secret", () => {
		fc.assert(
			fc.property(subjects, subjects, ttls, (subject, other, ttl) => {
				fc.pre(subject.instanceId !== other.instanceId || subject.tokenGeneration !== other.tokenGeneration);
				const authority = new TokenAuthority(SECRET);
				const token = authority.mint(subject, ttl, NOW_MS);
				assert.notEqual(check(authority, token, subject), 0);
				assert.equal(check(authority, token, other), 0);
				assert.equal(check(authority, token, { ...subject, tokenGeneration: subject.tokenGeneration + 1 }), 0);
				assert.equal(check(new TokenAuthority(randomBytes(32)), token, subject), 0);
			}),
		);
	});

	test("processes that share the secret honour each other's tokens", () => {
		const token = new TokenAuthority(SECRET).mint(SUBJECT, 60, NOW_MS);
		assert.equal(check(new TokenAuthority(Buffer.from(SECRET)), token), NOW_MS + 60_000);
	});

	test("no text but a token is accepted", () => {
		const authority = new TokenAuthority(SECRET);
		const base64url = fc.stringMatching(/^[A-Za-z0-9_-]{54}==$/);
		fc.assert(
			fc.property(fc.oneof(base64url, fc.string({ unit: "binary", maxLength: 80 }), fc.constant("")), (text) => {
				assert.equal(check(authority, Buffer.from(text).toString("latin1")), 0);
			}),
			{ numRuns: 2000 },
		);
	});

	test("no two tokens are alike", () => {
		const authority = new TokenAuthority(SECRET);
		const seen = new Set<string>();
		for (let i = 0; i < 20_000; i++) seen.add(authority.mint(SUBJECT, 60, NOW_MS));
		assert.equal(seen.size, 20_000);
	});

	test("two live tokens that share a cache slot both stay valid", () => {
		const authority = new TokenAuthority(SECRET);
		const tokens = Array.from({ length: 10_000 }, () => authority.mint(SUBJECT, 60, NOW_MS));
		for (const token of [...tokens, ...tokens.toReversed()]) assert.equal(check(authority, token), NOW_MS + 60_000);
	});

	test("a secret of another length is refused", () => {
		assert.throws(() => new TokenAuthority(randomBytes(16)), /token secret: 16 bytes; allowed: 32/);
	});
});
