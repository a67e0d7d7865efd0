import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import {
	CreateKeyPairCommand,
	type CreateKeyPairCommandInput,
	DeleteKeyPairCommand,
	DescribeKeyPairsCommand,
	type DescribeKeyPairsCommandInput,
	type EC2Client,
	ImportKeyPairCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "./api.ts";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7fu2i35nrClDUMnriyWf9GYewjJKcukIZDzmAAlr/w";
const ED25519_SHA256 = "vtJuht2CKuFWItgWYm5hpUUN/0NeSk0sNEbn08vcWPk=";

test("an RSA key pair is made, its private half told once, and its fingerprint is that of the private key", async (t) => {
	const { ec2, service } = await startApi(t);
	const made = await create(ec2, { KeyName: "my key" });
	assert.match(made.KeyMaterial ?? "", /^-----BEGIN RSA PRIVATE KEY-----\n[^-]+-----END RSA PRIVATE KEY-----\n$/);
	const privateKey = createPrivateKey(made.KeyMaterial ?? "");
	assert.equal(privateKey.asymmetricKeyDetails?.modulusLength, 2048);
	const sha1 = createHash("sha1")
		.update(privateKey.export({ type: "pkcs8", format: "der" }))
		.digest("hex");
	assert.equal(made.KeyFingerprint?.replaceAll(":", ""), sha1);
	assert.match(made.KeyFingerprint ?? "", /^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);

	const [found] = await describe(ec2, { KeyNames: ["my key"], IncludePublicKey: true });
	assert.equal(found?.KeyType, "rsa");
	assert.equal(found?.KeyFingerprint, made.KeyFingerprint);
	assert.match(made.KeyPairId ?? "", /^key-[0-9a-f]{17}$/);
	assert.equal(found?.KeyPairId, made.KeyPairId);
	assert.ok(found?.CreateTime instanceof Date);
	const [type, blob, ...name] = found?.PublicKey?.split(" ") ?? [];
	assert.deepEqual([type, name.join(" ")], ["ssh-rsa", "my key"]);
	const modulus = createPublicKey(privateKey).export({ format: "jwk" }).n ?? "";
	assert.ok(
		Buffer.from(blob ?? "", "base64")
			.subarray(-256)
			.equals(Buffer.from(modulus, "base64url")),
	);
	assert.ok(!service.log().includes("PRIVATE KEY"));
	const message = await rejectsWith(create(ec2, { KeyName: "my key" }), "InvalidKeyPair.Duplicate");
	assert.equal(message, "The keypair 'my key' already exists.");
});

test("an Ed25519 key pair comes in OpenSSH's form", async (t) => {
	const { ec2 } = await startApi(t);
	const made = await create(ec2, { KeyName: "ed", KeyType: "ed25519" });
	assert.match(made.KeyMaterial ?? "", /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
	const [found] = await describe(ec2, { KeyNames: ["ed"], IncludePublicKey: true });
	const blob = Buffer.from(found?.PublicKey?.split(" ")[1] ?? "", "base64");
	assert.equal(made.KeyFingerprint, createHash("sha256").update(blob).digest("base64"));
	assert.equal(found?.KeyType, "ed25519");
	await rejectsWith(create(ec2, { KeyName: "putty", KeyFormat: "ppk" }), "UnsupportedOperation");
});

test("an imported key is named as the pair, and its fingerprint is that of the public key", async (t) => {
	const { ec2 } = await startApi(t);
	const TagSpecifications = [{ ResourceType: "key-pair" as const, Tags: [{ Key: "a", Value: "b" }] }];
	const imported = await ec2.send(
		new ImportKeyPairCommand({ KeyName: "mine", PublicKeyMaterial: Buffer.from(`${ED25519} me@home\n`), TagSpecifications }),
	);
	assert.deepEqual([imported.KeyName, imported.KeyFingerprint, imported.Tags], ["mine", ED25519_SHA256, [{ Key: "a", Value: "b" }]]);
	const [found] = await describe(ec2, { KeyPairIds: [imported.KeyPairId ?? ""], IncludePublicKey: true });
	assert.equal(found?.PublicKey, `${ED25519} mine`);
	assert.deepEqual(found?.Tags, [{ Key: "a", Value: "b" }]);

	const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const der = publicKey.export({ type: "spki", format: "der" });
	const rsa = await ec2.send(new ImportKeyPairCommand({ KeyName: "rsa", PublicKeyMaterial: Buffer.from(der.toString("base64")) }));
	assert.equal(rsa.KeyFingerprint?.replaceAll(":", ""), createHash("md5").update(der).digest("hex"));
	const importing = ec2.send(new ImportKeyPairCommand({ KeyName: "rsa", PublicKeyMaterial: Buffer.from(ED25519) }));
	await rejectsWith(importing, "InvalidKeyPair.Duplicate");
});

test("of two pairs of one name at the same time, one is made", async (t) => {
	const { ec2 } = await startApi(t);
	const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => create(ec2, { KeyName: "same", KeyType: "ed25519" })));
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("key pairs are found by name, id and filter, those of the configuration too", async (t) => {
	const { ec2 } = await startApi(t);
	const { KeyPairId = "" } = await create(ec2, { KeyName: "web-1", KeyType: "ed25519" });
	assert.deepEqual(await names(ec2, {}), ["openimds-demo-key", "web-1"]);
	assert.deepEqual(await names(ec2, { Filters: [{ Name: "key-name", Values: ["web-*"] }] }), ["web-1"]);
	assert.deepEqual(await names(ec2, { Filters: [{ Name: "key-pair-id", Values: [KeyPairId] }] }), ["web-1"]);
	const [demo] = await describe(ec2, { KeyNames: ["openimds-demo-key"] });
	assert.equal(demo?.PublicKey, undefined);
	assert.match(demo?.KeyFingerprint ?? "", /^[A-Za-z0-9+/]{43}=$/);
	assert.deepEqual(await names(ec2, { KeyPairIds: [demo?.KeyPairId ?? ""] }), ["openimds-demo-key"]);
	const message = await rejectsWith(describe(ec2, { KeyNames: ["nobody", "web-1"] }), "InvalidKeyPair.NotFound");
	assert.equal(message, "The key pair 'nobody' does not exist");
	await rejectsWith(describe(ec2, { KeyPairIds: ["key-0123456789abcdef0"] }), "InvalidKeyPair.NotFound");
	await rejectsWith(describe(ec2, { Filters: [{ Name: "color", Values: ["red"] }] }), "InvalidParameterValue");
});

test("a deleted pair is gone, and one that never was counts as deleted", async (t) => {
	const { ec2 } = await startApi(t);
	const { KeyPairId = "" } = await create(ec2, { KeyName: "one", KeyType: "ed25519" });
	await create(ec2, { KeyName: "two", KeyType: "ed25519" });
	const deleted = await ec2.send(new DeleteKeyPairCommand({ KeyPairId }));
	assert.deepEqual([deleted.Return, deleted.KeyPairId], [true, KeyPairId]);
	await ec2.send(new DeleteKeyPairCommand({ KeyName: "two" }));
	const again = await ec2.send(new DeleteKeyPairCommand({ KeyName: "two" }));
	assert.equal(again.Return, true);
	assert.deepEqual(await names(ec2, {}), ["openimds-demo-key"]);
	await rejectsWith(ec2.send(new DeleteKeyPairCommand({})), "MissingParameter");
});

test("what a key pair can't be is refused by AWS's code", async (t) => {
	const { ec2 } = await startApi(t);
	for (const KeyName of ["", " a", "a ", "é", "a\nb", "x".repeat(256)]) {
		await rejectsWith(create(ec2, { KeyName, KeyType: "ed25519" }), "InvalidParameterValue");
	}
	for (const text of ["bogus", "ssh-dss AAAA", ED25519.slice(0, -4)]) {
		const importing = ec2.send(new ImportKeyPairCommand({ KeyName: "k", PublicKeyMaterial: Buffer.from(text) }));
		await rejectsWith(importing, "InvalidKey.Format");
	}
	assert.deepEqual(await names(ec2, {}), ["openimds-demo-key"]);
});

function create(ec2: EC2Client, input: CreateKeyPairCommandInput) {
	return ec2.send(new CreateKeyPairCommand(input));
}

async function describe(ec2: EC2Client, input: DescribeKeyPairsCommandInput) {
	return (await ec2.send(new DescribeKeyPairsCommand(input))).KeyPairs ?? [];
}

async function names(ec2: EC2Client, input: DescribeKeyPairsCommandInput) {
	return (await describe(ec2, input)).map(({ KeyName }) => KeyName);
}
