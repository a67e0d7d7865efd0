import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { IDENTITY_SIGNATURES } from "./algorithms.ts";
import { createIdentityKeys, type IdentityKey } from "./identity-keys.ts";

const keys = await createIdentityKeys();
const skip = spawnSync("openssl", ["version"]).status === 0 ? false : "needs the openssl command";

function keyOf(name: (typeof IDENTITY_SIGNATURES)[number]): IdentityKey {
	const key = keys[name];
	assert.ok(key, keys.refusals.join());
	return key;
}

/** What `openssl x509 -text` says, without the numbers. */
function textOf(certificate: X509Certificate): string {
	const { stdout } = spawnSync("openssl", ["x509", "-text", "-noout"], { input: certificate.toString(), encoding: "utf8" });
	return stdout.replace(/^ *(?:[0-9a-f]{2}:?)+\n/gm, "");
}

test("each certificate is signed by the key it certifies", () => {
	for (const name of IDENTITY_SIGNATURES) {
		const { certificate, privateKey } = keyOf(name);
		assert.ok(certificate.checkPrivateKey(privateKey), name);
		assert.ok(certificate.verify(certificate.publicKey), name);
	}
});

test("names are those of AWS's certificates", () => {
	assert.equal(keyOf("signature").certificate.subject, "C=US\nST=Washington\nL=Seattle\nO=Amazon.com Inc.\nCN=ec2.amazonaws.com");
	for (const name of ["pkcs7", "rsa2048"] as const) {
		assert.equal(keyOf(name).certificate.subject, "C=US\nST=Washington State\nL=Seattle\nO=Amazon Web Services LLC");
	}
	for (const name of IDENTITY_SIGNATURES) assert.equal(keyOf(name).certificate.issuer, keyOf(name).certificate.subject);
});

test("serial numbers are as long as AWS's and differ", async () => {
	const serials = [keys, await createIdentityKeys()].flatMap((set) =>
		IDENTITY_SIGNATURES.map((name) => set[name]?.certificate.serialNumber ?? ""),
	);
	for (const serial of serials) assert.match(serial, /^[89A-F][0-9A-F]{15}$/);
	assert.equal(new Set(serials).size, 6);
});

test("certificates are valid from 2015 to 2195", () => {
	for (const name of IDENTITY_SIGNATURES) {
		assert.equal(keyOf(name).certificate.validFrom, "Jan  1 00:00:00 2015 GMT");
		assert.equal(keyOf(name).certificate.validTo, "Jan  1 00:00:00 2195 GMT");
	}
});

test("the certificate of rsa2048 has the lengths of AWS's", () => {
	assert.match(keyOf("rsa2048").certificate.raw.toString("base64"), /^MIIEEjCCAvqgAwIBAgIJA/);
	assert.equal(keyOf("rsa2048").certificate.raw.length, 1046);
});

test("version, algorithms and extensions are those of AWS's certificates", { skip }, () => {
	const rsa1024 = textOf(keyOf("signature").certificate);
	assert.match(rsa1024, /Version: 3 /);
	assert.match(rsa1024, /Signature Algorithm: sha1WithRSAEncryption/);
	assert.match(rsa1024, /Public-Key: \(1024 bit\)/);
	assert.deepEqual(extensionsOf(rsa1024), ["Subject Key Identifier", "Authority Key Identifier", "Basic Constraints: CA:TRUE"]);

	const dsa = textOf(keyOf("pkcs7").certificate);
	assert.match(dsa, /Version: 1 /);
	assert.match(dsa, /Signature Algorithm: dsaWithSHA1/);
	assert.match(dsa, /Public-Key: \(1024 bit\)/);
	assert.deepEqual(extensionsOf(dsa), []);

	const rsa2048 = textOf(keyOf("rsa2048").certificate);
	assert.match(rsa2048, /Version: 3 /);
	assert.match(rsa2048, /Signature Algorithm: sha256WithRSAEncryption/);
	assert.match(rsa2048, /Public-Key: \(2048 bit\)/);
	assert.deepEqual(extensionsOf(rsa2048), [
		"Key Usage: Digital Signature",
		"Subject Key Identifier",
		"Authority Key Identifier",
		"Basic Constraints: critical CA:TRUE, pathlen:0",
	]);
	assert.match(rsa2048, new RegExp(`serial:${keyOf("rsa2048").certificate.serialNumber.replace(/..(?=.)/g, "$&:")}`));
});

function extensionsOf(text: string): string[] {
	const lines = text.matchAll(/X509v3 ((?:Key Usage|Basic Constraints): ?(?:critical)?)\n +(.*)|X509v3 (\w+ Key Identifier)/g);
	return Array.from(lines, ([, name = "", value = "", identifier]) => identifier ?? `${name.trim()} ${value}`);
}
