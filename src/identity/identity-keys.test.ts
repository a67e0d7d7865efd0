import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { createIdentityKeys, decodeIdentityKeys, encodeIdentityKeys, type IdentityKeys } from "./identity-keys.ts";
import { KEY_PAIR_MAKERS } from "./key-pair.ts";

const keys = await createIdentityKeys();
const text = encodeIdentityKeys(keys);

const refuse = async (): Promise<never> => {
	throw new Error("unsupported by this crypto library");
};

/** As the file of another machine would be: whole, with other content. */
function withChecksum(body: string): string {
	return `${body}sha256 ${createHash("sha256").update(body).digest("hex")}\n`;
}
const body = text.slice(0, text.lastIndexOf("sha256 "));

/** Lines that only the private keys have. */
const privateLines = text.match(/BEGIN PRIVATE KEY-----\n[^-]+/g)?.flatMap((block) => block.split("\n").slice(1, -1)) ?? [];

const comparable = ({ refusals, ...rest }: IdentityKeys): unknown => [
	refusals,
	Object.entries(rest).map(([name, key]) => [name, key?.certificate.toString(), key?.privateKey.export({ format: "pem", type: "pkcs8" })]),
];

test("a new set is whole, and no two are the same", async () => {
	assert.deepEqual(keys.refusals, []);
	assert.notDeepEqual(comparable(await createIdentityKeys()), comparable(keys));
});

test("a set survives its PEM text", async () => {
	assert.deepEqual(comparable(await decodeIdentityKeys(text)), comparable(keys));
	assert.equal(text.match(/-----BEGIN PRIVATE KEY-----/g)?.length, 3);
	assert.equal(text.match(/-----BEGIN CERTIFICATE-----/g)?.length, 3);
});

test("a crypto library that refuses DSA and RSA-1024 leaves rsa2048, with a reason for each", async () => {
	const fewer = await createIdentityKeys({ ...KEY_PAIR_MAKERS, signature: refuse, pkcs7: refuse });
	assert.equal(fewer.signature, undefined);
	assert.equal(fewer.pkcs7, undefined);
	assert.deepEqual(fewer.refusals.toSorted(), [
		"instance-identity/pkcs7 is not served: unsupported by this crypto library",
		"instance-identity/signature is not served: unsupported by this crypto library",
	]);
	const read = await decodeIdentityKeys(encodeIdentityKeys(fewer));
	assert.equal(read.rsa2048.certificate.fingerprint256, fewer.rsa2048.certificate.fingerprint256);
	assert.equal(read.pkcs7, undefined);
	assert.match(read.refusals.join(), /pkcs7 is not served: the crypto library that made the key file refused it/);
});

test("a crypto library that cannot even do RSA-2048 is an error", async () => {
	await assert.rejects(createIdentityKeys({ ...KEY_PAIR_MAKERS, rsa2048: refuse }), /rsa2048 is not served: unsupported/);
});

test("kept keys that this crypto library refuses are missing, not damaged", async () => {
	// An Ed25519 key stands for one that cannot make the signature.
	const foreign =
		"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPC6Lfy3RDhEdoknQMzyaQRWeXQeLS5w8yVB/Bw7eKtt\n-----END PRIVATE KEY-----\n";
	const altered = withChecksum(body.replace(/(?<=pkcs7\n)-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n/, foreign));
	const read = await decodeIdentityKeys(altered);
	assert.equal(read.pkcs7, undefined);
	assert.equal(read.refusals.length, 1);
	assert.ok(read.signature);
});

test("a key with another's certificate is not used", async () => {
	const other = await createIdentityKeys();
	const crossed = encodeIdentityKeys({ ...keys, rsa2048: { ...keys.rsa2048, privateKey: other.rsa2048.privateKey } });
	await assert.rejects(decodeIdentityKeys(crossed), /its key and its certificate do not belong together/);
});

test("any change to the text is refused, without a word of it in the error", async () => {
	const change = fc.record({ at: fc.nat(text.length - 1), character: fc.string({ minLength: 1, maxLength: 1, unit: "binary-ascii" }) });
	await fc.assert(
		fc.asyncProperty(change, async ({ at, character }) => {
			fc.pre(text[at] !== character);
			const changed = [text.slice(0, at) + character + text.slice(at + 1), text.slice(0, at)];
			for (const damaged of changed) {
				await assert.rejects(decodeIdentityKeys(damaged), (error) => {
					const shown = inspect(error, { depth: 9, showHidden: true });
					return /its checksum does not fit its content/.test(shown) && privateLines.every((line) => !shown.includes(line));
				});
			}
		}),
	);
	assert.ok(privateLines.length > 40);
});

test("nothing shows the private keys but the text they are encoded in", () => {
	const shown = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys);
	for (const line of privateLines) assert.ok(!shown.includes(line));
});
