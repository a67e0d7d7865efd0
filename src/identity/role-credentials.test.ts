import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import type { RoleCredentials } from "./credential-documents.ts";
import { CredentialIssuer, EC2_INSTANCE_ROLE, type SessionClaims } from "./role-credentials.ts";

const secret = Buffer.alloc(32, "canary-secret");
const issuer = new CredentialIssuer(secret);
const claims: SessionClaims = {
	accountId: "123456789012",
	roleArn: "arn:aws:iam::123456789012:role/service/my-role",
	roleId: "AROAEXAMPLEEXAMPLE123",
	instanceArn: "arn:aws:ec2:eu-west-1:123456789012:instance/i-1234567890abcdef0",
	instanceId: "i-1234567890abcdef0",
	delivery: "2.0",
	vpcId: "vpc-0123456789abcdef0",
	privateIp: "10.0.0.12",
};
const issuedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const expiresAtMs = issuedAtMs + 6 * 3_600_000 + 1_234_000;
const issued = issuer.issue(claims, issuedAtMs, expiresAtMs);

const verify = (set: RoleCredentials, nowMs = issuedAtMs, by = issuer) => by.verify(set.accessKeyId, set.sessionToken, nowMs);

test("a set looks like one of AWS", () => {
	assert.match(issued.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
	assert.match(issued.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
	assert.match(issued.sessionToken, /^IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{300,}={0,2}$/);
	assert.equal(issued.lastUpdated, "2026-01-02T03:04:05Z");
	assert.equal(issued.expiration, "2026-01-02T09:24:39Z");
});

test("the key id tells its account as AWS's do", () => {
	// The account's bits of any key id: after ASIA, base 32, 80 bits, without the first one, the next 40.
	const accountOf = (accessKeyId: string): bigint => {
		const digits = Array.from(accessKeyId.slice(4), (letter) => BigInt("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter)));
		return BigInt.asUintN(40, digits.reduce((bits, digit) => (bits << 5n) | digit, 0n) >> 39n);
	};
	assert.equal(accountOf(issued.accessKeyId), 123456789012n);
	for (const accountId of ["000000000000", "999999999999"]) {
		assert.equal(accountOf(issuer.issue({ ...claims, accountId }, issuedAtMs, expiresAtMs).accessKeyId), BigInt(accountId));
	}
});

test("a set comes back as what it was issued for, with its secret", () => {
	assert.deepEqual(verify(issued), { ...claims, issuedAtMs, expiresAtMs, secretAccessKey: issued.secretAccessKey });
	const bare: SessionClaims = { ...claims, roleArn: EC2_INSTANCE_ROLE, roleId: undefined, vpcId: undefined, privateIp: undefined };
	const { accountId, roleArn, instanceArn, instanceId, delivery } = bare;
	const set = issuer.issue(bare, issuedAtMs, expiresAtMs);
	const times = { issuedAtMs, expiresAtMs, secretAccessKey: set.secretAccessKey };
	assert.deepEqual(verify(set), { accountId, roleArn, instanceArn, instanceId, delivery, ...times });
});

test("the same claims give the same set, in any process that has the secret and in any order", () => {
	const reordered = Object.fromEntries(Object.entries(claims).toReversed()) as unknown as SessionClaims;
	assert.deepEqual(new CredentialIssuer(Buffer.from(secret)).issue(reordered, issuedAtMs, expiresAtMs), issued);
});

test("any other claim or time gives another key id, secret and token", () => {
	const others = [
		issuer.issue({ ...claims, delivery: "1.0" }, issuedAtMs, expiresAtMs),
		issuer.issue({ ...claims, roleArn: EC2_INSTANCE_ROLE }, issuedAtMs, expiresAtMs),
		issuer.issue({ ...claims, instanceId: "i-2" }, issuedAtMs, expiresAtMs),
		issuer.issue({ ...claims, privateIp: undefined }, issuedAtMs, expiresAtMs),
		issuer.issue(claims, issuedAtMs + 1000, expiresAtMs),
		issuer.issue(claims, issuedAtMs, expiresAtMs + 1000),
	];
	for (const field of ["accessKeyId", "secretAccessKey", "sessionToken"] as const) {
		assert.equal(new Set([issued, ...others].map((set) => set[field])).size, others.length + 1);
	}
});

test("a set is good until it expires, and a newer one does not end it", () => {
	issuer.issue(claims, issuedAtMs + 3_600_000, expiresAtMs + 3_600_000);
	assert.equal(typeof verify(issued, expiresAtMs - 1), "object");
	assert.equal(verify(issued, expiresAtMs), "expired");
	assert.equal(verify(issued, Number.MAX_SAFE_INTEGER), "expired");
});

test("a set of another secret is forged", () => {
	assert.equal(verify(issued, issuedAtMs, new CredentialIssuer(Buffer.alloc(32, "other"))), "forged");
});

test("the key id of another set is forged", () => {
	const other = issuer.issue({ ...claims, delivery: "1.0" }, issuedAtMs, expiresAtMs);
	assert.equal(verify({ ...issued, accessKeyId: other.accessKeyId }), "forged");
	assert.equal(verify({ ...issued, sessionToken: other.sessionToken }), "forged");
});

test("what does not look like a set of ours is malformed", () => {
	const { accessKeyId, sessionToken } = issued;
	for (const token of ["", "x", "IQoJb3JpZ2luX2Vj", `${sessionToken} `, `${sessionToken}\n`, sessionToken.replace(/=*$/, "===")]) {
		assert.equal(issuer.verify(accessKeyId, token, issuedAtMs), "malformed", JSON.stringify(token));
	}
	assert.equal(issuer.verify(accessKeyId, "A".repeat(100_000_000), issuedAtMs), "malformed");
	for (const id of ["", "AKIA", accessKeyId.toLowerCase(), `${accessKeyId}A`, `${accessKeyId}\n`, `AKIA${accessKeyId.slice(4)}`]) {
		assert.equal(issuer.verify(id, sessionToken, issuedAtMs), "malformed", JSON.stringify(id));
	}
});

test("no bit of a token can be changed", () => {
	const sealed = Buffer.from(issued.sessionToken, "base64");
	fc.assert(
		fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
			const changed = Buffer.from(sealed);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const refusal = issuer.verify(issued.accessKeyId, changed.toString("base64"), issuedAtMs);
			assert.equal(refusal, bit < 13 * 8 ? "malformed" : "forged");
		}),
		{ numRuns: 1000 },
	);
});

test("no character of a token or key id can be changed, nor the token cut", () => {
	const changes = fc.record({ at: fc.nat(), character: fc.string({ minLength: 1, maxLength: 1, unit: "binary-ascii" }) });
	const replaced = (text: string, { at, character }: { at: number; character: string }): string =>
		text.slice(0, at % text.length) + character + text.slice((at % text.length) + 1);
	fc.assert(
		fc.property(changes, (change) => {
			const { accessKeyId, sessionToken } = issued;
			const token = replaced(sessionToken, change);
			const id = replaced(accessKeyId, change);
			if (token !== sessionToken) assert.equal(typeof issuer.verify(accessKeyId, token, issuedAtMs), "string");
			if (id !== accessKeyId) assert.equal(typeof issuer.verify(id, sessionToken, issuedAtMs), "string");
			assert.equal(typeof issuer.verify(accessKeyId, sessionToken.slice(0, change.at % sessionToken.length), issuedAtMs), "string");
		}),
		{ numRuns: 1000 },
	);
});

test("anything at all is answered, and every claim comes back", () => {
	fc.assert(fc.property(fc.string(), fc.string(), (id, token) => assert.equal(issuer.verify(id, token, 0), "malformed")));
	const text = fc.string({ maxLength: 100 });
	const anyClaims = fc.record({ roleArn: text, instanceArn: text, instanceId: text, vpcId: text, privateIp: text });
	fc.assert(
		fc.property(anyClaims, (other) => {
			const set = issuer.issue({ ...claims, ...other }, issuedAtMs, expiresAtMs);
			const session = verify(set);
			assert.ok(typeof session === "object");
			assert.deepEqual(session, { ...claims, ...other, issuedAtMs, expiresAtMs, secretAccessKey: set.secretAccessKey });
		}),
	);
});

test("a token too long to be accepted is not issued", () => {
	assert.throws(() => issuer.issue({ ...claims, roleArn: "a".repeat(32_000) }, issuedAtMs, expiresAtMs), RangeError);
});

test("neither the issuer nor its errors show the secret", () => {
	const shown = [inspect(issuer, { depth: 9, showHidden: true }), JSON.stringify(issuer)];
	for (const length of [0, 31, 33]) {
		assert.throws(
			() => new CredentialIssuer(Buffer.alloc(length, "canary-secret")),
			(error) => shown.push(inspect(error)) > 0 && error instanceof RangeError,
		);
	}
	for (const text of shown) assert.ok(!/canary|63 61 6e 61|99, ?97, ?110/.test(text), text);
});
