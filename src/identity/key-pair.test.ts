import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { sign, verify } from "node:crypto";
import { test } from "node:test";
import { DSA_PARAMETERS, KEY_PAIR_MAKERS } from "./key-pair.ts";

const openssl3 = spawnSync("openssl", ["version"], { encoding: "utf8" }).stdout?.startsWith("OpenSSL 3.");

test("keys have the sizes of AWS's", async () => {
	const { signature, pkcs7, rsa2048 } = KEY_PAIR_MAKERS;
	assert.equal((await signature()).publicKey.asymmetricKeyDetails?.modulusLength, 1024);
	assert.equal((await rsa2048()).publicKey.asymmetricKeyDetails?.modulusLength, 2048);
	assert.deepEqual((await pkcs7()).publicKey.asymmetricKeyDetails, { modulusLength: 1024, divisorLength: 160 });
});

test("DSA keys differ, and each pair fits together", async () => {
	const [one, other] = [await KEY_PAIR_MAKERS.pkcs7(), await KEY_PAIR_MAKERS.pkcs7()];
	const message = Buffer.from("message");
	const signature = sign("sha1", message, one.privateKey);
	assert.ok(verify("sha1", message, one.publicKey, signature));
	assert.ok(!verify("sha1", message, other.publicKey, signature));
});

test(
	"the DSA parameters are what OpenSSL derives from a readable seed",
	{ skip: !openssl3 && "needs the openssl command, version 3" },
	() => {
		const seed = Buffer.from("OpenIMDS DSA 1024004").toString("hex");
		const options = ["pbits:1024", "qbits:160", "digest:SHA1", "type:fips186_4", `hexseed:${seed}`];
		const args = ["genpkey", "-genparam", "-algorithm", "DSA", ...options.flatMap((option) => ["-pkeyopt", option])];
		const { stdout, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
		assert.equal(stdout.replace(/-----.*-----|\n/g, ""), DSA_PARAMETERS.toString("base64"), stderr);
	},
);
