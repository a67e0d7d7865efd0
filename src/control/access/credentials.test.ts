import assert from "node:assert/strict";
import { test } from "node:test";
import { CredentialIssuer } from "../../identity/role-credentials.ts";
import { Credentials } from "./credentials.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const ISSUER = new CredentialIssuer(Buffer.alloc(32, "issuer"));
const ROLE = {
	roleArn: "arn:aws:iam::123456789012:role/r",
	roleId: "AROAEXAMPLE",
	sessionName: "somebody",
	durationSeconds: 900,
	policies: [],
	tags: [],
};

function credentials(secret = "one", accountId = "123456789012"): Credentials {
	return new Credentials(Buffer.alloc(32, secret), ISSUER, () => accountId);
}

test("the root key has the form of AWS's, and follows from the secret alone", () => {
	const { rootKey } = credentials();
	assert.match(rootKey.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
	assert.match(rootKey.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
	assert.deepEqual(credentials().rootKey, rootKey);
	assert.notEqual(credentials("two").rootKey.accessKeyId, rootKey.accessKeyId);
	assert.notEqual(credentials("two").rootKey.secretAccessKey, rootKey.secretAccessKey);
});

test("new keys are all different, and their secrets follow from their ids and the service's secret", () => {
	const own = credentials();
	const ids = Array.from({ length: 1_000 }, () => own.newAccessKeyId());
	for (const id of ids) assert.match(id, /^AKIA[A-Z2-7]{16}$/);
	assert.equal(new Set(ids).size, ids.length);
	assert.equal(new Set(ids.map((id) => own.secretOf(id))).size, ids.length);
	const [id = ""] = ids;
	assert.equal(credentials().secretOf(id), own.secretOf(id));
	assert.notEqual(credentials("two").secretOf(id), own.secretOf(id));
});

test("a session is recognised for as long as it lives, with all that it carries", () => {
	const tags = [{ key: "team", value: "a" }];
	const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = credentials().assumeRole({ ...ROLE, policies: ["{}"], tags }, NOW_MS);
	assert.equal(expiresAtMs, NOW_MS + 900_000);
	const session = ISSUER.verify(accessKeyId, sessionToken, expiresAtMs - 1);
	assert.ok(typeof session === "object");
	assert.equal(session.secretAccessKey, secretAccessKey);
	const { accountId, roleArn, roleId, sessionName, policies, instanceId, issuedAtMs } = session;
	assert.deepEqual(
		{ accountId, roleArn, roleId, sessionName, policies, tags: session.tags, instanceId, issuedAtMs },
		{
			accountId: "123456789012",
			roleArn: ROLE.roleArn,
			roleId: ROLE.roleId,
			sessionName: "somebody",
			policies: ["{}"],
			tags,
			instanceId: undefined,
			issuedAtMs: NOW_MS,
		},
	);
	assert.equal(ISSUER.verify(accessKeyId, sessionToken, expiresAtMs), "expired");
});

test("a session is of the account as it is then", () => {
	let accountId = "111111111111";
	const own = new Credentials(Buffer.alloc(32, "one"), ISSUER, () => accountId);
	accountId = "222222222222";
	const { accessKeyId, sessionToken } = own.assumeRole(ROLE, NOW_MS);
	const session = ISSUER.verify(accessKeyId, sessionToken, NOW_MS);
	assert.ok(typeof session === "object");
	assert.equal(session.accountId, "222222222222");
});
