import assert from "node:assert/strict";
import { createHash, verify } from "node:crypto";
import { test } from "node:test";
import { textOf } from "../../test/categories/crawl.ts";
import { IDENTITY_KEYS, launchAlone, MAXIMAL_SPEC, snapshotOf, viewOf } from "../../test/categories/world.ts";

const VIEW = viewOf(launchAlone(MAXIMAL_SPEC));
const FOLDER = "/latest/dynamic/instance-identity";

function reader(identityKeys = IDENTITY_KEYS) {
	const snapshot = snapshotOf({ ...VIEW, identityKeys });
	return (path: string) => {
		const answer = snapshot.get(`${FOLDER}/${path}`, "2.0");
		return answer && textOf(answer);
	};
}

const read = reader();

test("the document has EC2's exact print", () => {
	assert.equal(
		read("document"),
		`{
  "accountId" : "123456789012",
  "architecture" : "i386",
  "availabilityZone" : "us-east-1a",
  "billingProducts" : [ "bp-6fa54006", "bp-63a5400a" ],
  "devpayProductCodes" : null,
  "marketplaceProductCodes" : [ "3iplms73etrdhxdepv72l6ywj", "aw0evgkw8e5c1q413zgy5pjce" ],
  "imageId" : "ami-0fedcba9876543210",
  "instanceId" : "i-1234567890abcdef0",
  "instanceType" : "m5.large",
  "kernelId" : "aki-5c21674b",
  "pendingTime" : "2026-01-01T00:00:00Z",
  "privateIp" : "10.0.0.12",
  "ramdiskId" : "ari-01bb5768",
  "region" : "us-east-1",
  "version" : "2017-09-30"
}`,
	);
});

test("the signature is the document's, and the two envelopes hold the document, signed three seconds after the launch", () => {
	const document = Buffer.from(read("document") ?? "");
	const signature = Buffer.from(read("signature") ?? "", "base64");
	assert.equal(signature.length, 128);
	assert.ok(verify("sha256", document, IDENTITY_KEYS.signature!.certificate.publicKey, signature));
	for (const [name, hash] of [
		["pkcs7", "sha1"],
		["rsa2048", "sha256"],
	] as const) {
		const envelope = Buffer.from(read(name) ?? "", "base64");
		assert.ok(envelope.includes(document));
		assert.ok(envelope.includes(createHash(hash).update(document).digest()));
		assert.ok(envelope.includes("260101000003Z"));
	}
});

test("what the cryptography of this machine refuses is neither listed nor there", () => {
	const refused = reader({ ...IDENTITY_KEYS, signature: undefined, pkcs7: undefined });
	assert.equal(refused(""), "document\nrsa2048");
	assert.equal(refused("signature"), undefined);
	assert.equal(refused("pkcs7"), undefined);
	assert.equal(refused("rsa2048"), read("rsa2048"));
});
