import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../../../errors.ts";
import { fingerprintOfLine, publicKeyFingerprint } from "./key-fingerprint.ts";
import { readSshStrings } from "./ssh-encoding.ts";
import { privateKeyPem } from "./ssh-private-key.ts";
import { importedPublicKey, openSshLine } from "./ssh-public-key.ts";

// Made and converted by ssh-keygen 10; the private halves are gone.
const RSA_BLOB =
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDOQ1MkNvXUc5wNmkYOHGq2CZ54ZMuVUl2PeBsrWV6XbEcn66J7vcq1M0UvyBvHdJXP0ieNHCQ0w7D2NQoxrv0izv208R/caVv4vo22z3FwFsiyYGD3WTZ98HuEI/wmZVIZ3gNlZgBhEWZFl8Uh92MVjU9C6M7r6uXzg7LBdsstSCmJ34moVNOuYDDWqQbT0FDTM3hBrN5KVTv4/77GmsexaRg+a/y3bLhCiH4MZWAWCTyqwWZxbDEXgiGbbul+NFGUkegyXvOdhiSNZli2b+owMY5QXhsVNWqTYD2SGTC91NgZRSpGDHuAnV7NvKLtAdYcVbsOqJn0NFQroQQc4mbp";
const RSA_SPKI =
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzkNTJDb11HOcDZpGDhxqtgmeeGTLlVJdj3gbK1lel2xHJ+uie73KtTNFL8gbx3SVz9InjRwkNMOw9jUKMa79Is79tPEf3Glb+L6Nts9xcBbIsmBg91k2ffB7hCP8JmVSGd4DZWYAYRFmRZfFIfdjFY1PQujO6+rl84OywXbLLUgpid+JqFTTrmAw1qkG09BQ0zN4QazeSlU7+P++xprHsWkYPmv8t2y4Qoh+DGVgFgk8qsFmcWwxF4Ihm27pfjRRlJHoMl7znYYkjWZYtm/qMDGOUF4bFTVqk2A9khkwvdTYGUUqRgx7gJ1ezbyi7QHWHFW7DqiZ9DRUK6EEHOJm6QIDAQAB";
const RSA_PKCS1 =
	"MIIBCgKCAQEAzkNTJDb11HOcDZpGDhxqtgmeeGTLlVJdj3gbK1lel2xHJ+uie73KtTNFL8gbx3SVz9InjRwkNMOw9jUKMa79Is79tPEf3Glb+L6Nts9xcBbIsmBg91k2ffB7hCP8JmVSGd4DZWYAYRFmRZfFIfdjFY1PQujO6+rl84OywXbLLUgpid+JqFTTrmAw1qkG09BQ0zN4QazeSlU7+P++xprHsWkYPmv8t2y4Qoh+DGVgFgk8qsFmcWwxF4Ihm27pfjRRlJHoMl7znYYkjWZYtm/qMDGOUF4bFTVqk2A9khkwvdTYGUUqRgx7gJ1ezbyi7QHWHFW7DqiZ9DRUK6EEHOJm6QIDAQAB";
const RSA_MD5 = "4c:c8:aa:b1:d2:34:28:57:17:ef:7d:09:08:33:c9:77"; // openssl rsa -pubout -outform DER | openssl md5 -c
const ED25519_BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIJ7fu2i35nrClDUMnriyWf9GYewjJKcukIZDzmAAlr/w";
const ED25519_SHA256 = "vtJuht2CKuFWItgWYm5hpUUN/0NeSk0sNEbn08vcWPk="; // ssh-keygen -l
const ECDSA =
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBH3Bjb+IEL4/sbXOQribcUOpdBc073oU5Qng0X+rgcIXjtol+d9jMdEsCyJ4F28BuYDmcG/7SBm2ix0XwOj6uMA=";

const RFC_4716 = `---- BEGIN SSH2 PUBLIC KEY ----
Comment: "2048-bit RSA, converted \\
by me@home"
${RSA_BLOB.match(/.{1,70}/g)?.join("\n")}
---- END SSH2 PUBLIC KEY ----
`;

const pem = (label: string, base64: string) =>
	`-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g)?.join("\n")}\n-----END ${label}-----\n`;

test("a key is read in every form that EC2 takes, and becomes the one line that SSH reads", () => {
	const forms = [
		`ssh-rsa ${RSA_BLOB} me@home\n`,
		`ssh-rsa\t${RSA_BLOB}`,
		`ssh-rsa ${RSA_BLOB} two words\r\n`,
		RFC_4716,
		RFC_4716.replaceAll("\n", "\r\n"),
		pem("PUBLIC KEY", RSA_SPKI),
		pem("RSA PUBLIC KEY", RSA_PKCS1),
		RSA_SPKI,
		RSA_PKCS1,
		`${RSA_SPKI.match(/.{1,64}/g)?.join("\n")}\n`,
	];
	for (const form of forms) {
		const key = importedPublicKey(Buffer.from(form));
		assert.equal(openSshLine(key, "my key"), `ssh-rsa ${RSA_BLOB} my key`, form);
		assert.equal(publicKeyFingerprint(key), RSA_MD5);
	}
	const key = importedPublicKey(Buffer.from(`ssh-ed25519 ${ED25519_BLOB}`));
	assert.equal(openSshLine(key, "k"), `ssh-ed25519 ${ED25519_BLOB} k`);
	assert.equal(publicKeyFingerprint(key), ED25519_SHA256);
});

test("the fingerprint of a line is its key's, and of a type that EC2 has not, what ssh-keygen says", () => {
	assert.equal(fingerprintOfLine(`ssh-rsa ${RSA_BLOB} c`), RSA_MD5);
	assert.equal(fingerprintOfLine(`ssh-ed25519 ${ED25519_BLOB}`), ED25519_SHA256);
	assert.equal(fingerprintOfLine(ECDSA), "VuGYp7u3ofpGaN6tmUcJrr9xvdzM86xL+nAFyY5HkIc=");
});

test("what is no public key for EC2 is refused, and a private key above all", () => {
	const secret = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
	const short = generateKeyPairSync("rsa", { modulusLength: 768 }).publicKey;
	const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
	const blob = Buffer.from(RSA_BLOB, "base64");
	const refused = [
		"",
		"bogus",
		ECDSA,
		`ssh-dss ${RSA_BLOB}`,
		`ssh-ed25519 ${RSA_BLOB}`,
		`ssh-rsa ${RSA_BLOB.slice(0, -8)}`,
		`ssh-rsa ${Buffer.concat([blob, Buffer.from([0, 0, 0, 0])]).toString("base64")}`,
		`ssh-ed25519 ${ED25519_BLOB}\nssh-ed25519 ${ED25519_BLOB}`,
		`command="sh" ssh-ed25519 ${ED25519_BLOB}`,
		RFC_4716.replace("---- END", "---- FIN"),
		secret.export({ type: "pkcs8", format: "pem" }).toString(),
		secret.export({ type: "pkcs1", format: "der" }).toString("base64"),
		pem("PUBLIC KEY", secret.export({ type: "pkcs1", format: "der" }).toString("base64")),
		pem("RSA PUBLIC KEY", secret.export({ type: "pkcs1", format: "der" }).toString("base64")),
		short.export({ type: "spki", format: "pem" }).toString(),
		ec.export({ type: "spki", format: "pem" }).toString(),
	];
	for (const text of refused) {
		assert.throws(
			() => importedPublicKey(Buffer.from(text)),
			(error) => error instanceof ApiError && error.code === "InvalidKey.Format" && !error.message.includes("PRIVATE"),
			text,
		);
	}
});

test("no text and no blob brings anything but a key or a refusal", () => {
	const mangled = fc
		.tuple(fc.constantFrom(RSA_BLOB, ED25519_BLOB), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 12 }))
		.map(([base64, at, byte, cut]) => {
			const bytes = Buffer.from(base64, "base64");
			bytes[at % bytes.length] = byte;
			return Buffer.from(`${base64 === RSA_BLOB ? "ssh-rsa" : "ssh-ed25519"} ${bytes.subarray(cut).toString("base64")}`);
		});
	fc.assert(
		fc.property(fc.oneof(mangled, fc.uint8Array(), fc.string().map(Buffer.from)), (material) => {
			let line: string;
			try {
				line = openSshLine(importedPublicKey(material), "c");
			} catch (error) {
				assert.ok(error instanceof ApiError, String(error));
				return;
			}
			assert.equal(openSshLine(importedPublicKey(Buffer.from(line)), "c"), line);
		}),
	);
});

test("an Ed25519 key is handed out in OpenSSH's form, with both its halves", () => {
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	for (const comment of ["", "k", "a key", "x".repeat(255)]) {
		const text = privateKeyPem(privateKey, publicKey, comment);
		assert.match(text, /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,70}\n)+-----END OPENSSH PRIVATE KEY-----\n$/);
		const bytes = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
		const magic = "openssh-key-v1\0";
		assert.equal(bytes.subarray(0, magic.length).toString(), magic);
		const [cipher, kdf, options] = readSshStrings(bytes.subarray(magic.length, magic.length + 4 + 4 + 4 + 4 + 4)).map(String);
		assert.deepEqual([cipher, kdf, options], ["none", "none", ""]);
		const [blob, secret] = readSshStrings(bytes.subarray(magic.length + 4 + 4 + 4 + 4 + 4 + 4));
		assert.equal(`ssh-ed25519 ${blob?.toString("base64")} k`, openSshLine(publicKey, "k"));
		assert.equal((secret?.length ?? 0) % 8, 0);
		// Two numbers to check, the type, the public half, both halves, the comment, and a padding that counts.
		assert.deepEqual(secret?.subarray(0, 4), secret?.subarray(4, 8));
		const padding = [...(secret ?? [])].slice(8 + 4 + 11 + 4 + 32 + 4 + 64 + 4 + comment.length);
		assert.deepEqual(
			padding,
			Array.from(padding.keys(), (index) => index + 1),
		);
		const seed = secret?.subarray(8 + 4 + 11 + 4 + 32 + 4).subarray(0, 32) ?? Buffer.alloc(0);
		const jwk = { kty: "OKP", crv: "Ed25519", d: seed.toString("base64url"), x: (blob ?? seed).subarray(-32).toString("base64url") };
		const again = createPrivateKey({ key: jwk, format: "jwk" });
		assert.ok(verify(null, Buffer.from("text"), publicKey, sign(null, Buffer.from("text"), again)));
	}
});
