import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { IDENTITY_SIGNATURES } from "./algorithms.ts";
import { identityDocument } from "./document.ts";
import { createIdentityKeys } from "./identity-keys.ts";
import { pkcs7Of, rsa2048Of, SIGNING_DELAY_MS, signatureOf } from "./sign.ts";

const skip = spawnSync("openssl", ["version"]).status === 0 ? false : "needs the openssl command";

const pendingTime = "2025-02-05T09:18:10Z";
const signingTimeMs = Date.parse(pendingTime) + SIGNING_DELAY_MS;
const document = identityDocument({
	accountId: "123456789012",
	architecture: "x86_64",
	availabilityZone: "ap-southeast-2a",
	imageId: "ami-0abcdef1234567890",
	instanceId: "i-1234567890abcdef0",
	instanceType: "t2.micro",
	pendingTime,
	privateIp: "10.0.0.12",
	region: "ap-southeast-2",
});

const keys = await createIdentityKeys();
const values = {
	signature: signatureOf(document, keys) ?? "",
	pkcs7: pkcs7Of(document, keys, signingTimeMs) ?? "",
	rsa2048: rsa2048Of(document, keys, signingTimeMs),
};
const bytesOf = (value: string): Buffer => Buffer.from(value, "base64");

const folder = mkdtempSync(join(tmpdir(), "openimds-sign-"));
after(() => rmSync(folder, { recursive: true }));

function openssl(...args: readonly string[]): string {
	return execFileSync("openssl", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Puts a text or bytes where openssl finds them under this name. */
function lay(name: string, content: string | Uint8Array): string {
	writeFileSync(join(folder, name), content);
	return name;
}

for (const name of IDENTITY_SIGNATURES) lay(`${name}.crt`, keys[name]?.certificate.toString() ?? "");

test("values are base64 in lines of 76 characters without a newline at the end", () => {
	for (const value of Object.values(values)) {
		const lines = value.split("\n");
		assert.ok(lines.slice(0, -1).every((line) => line.length === 76));
		assert.match(lines.at(-1) ?? "", /^.{1,76}$/);
		assert.equal(bytesOf(value).toString("base64"), lines.join(""));
	}
});

test("no value ends in an empty line, whatever its length", () => {
	for (let length = 0; length < 200; length += 1) assert.doesNotMatch(rsa2048Of("x".repeat(length), keys, signingTimeMs), /\n$|\n\n/);
});

test("values begin as those of AWS", () => {
	assert.equal(values.pkcs7.slice(0, 48), "MIAGCSqGSIb3DQEHAqCAMIACAQExCzAJBgUrDgMCGgUAMIAG");
	assert.equal(values.rsa2048.slice(0, 48), "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEF");
	assert.equal(bytesOf(values.signature).length, 128);
});

test("the RSA values are the same each time", () => {
	assert.equal(signatureOf(document, keys), values.signature);
	assert.equal(rsa2048Of(document, keys, signingTimeMs), values.rsa2048);
});

test("without a key there is no value", () => {
	const fewer = { ...keys, signature: undefined, pkcs7: undefined };
	assert.equal(signatureOf(document, fewer), undefined);
	assert.equal(pkcs7Of(document, fewer, signingTimeMs), undefined);
	assert.equal(rsa2048Of(document, fewer, signingTimeMs), values.rsa2048);
});

test("signature is SHA-256 over the document", () => {
	const publicKey = keys.signature?.certificate.publicKey;
	assert.ok(publicKey);
	assert.ok(verify("sha256", Buffer.from(document), publicKey, bytesOf(values.signature)));
	assert.ok(!verify("sha1", Buffer.from(document), publicKey, bytesOf(values.signature)));
});

test("openssl verifies signature by the recipe of the AWS guide", { skip }, () => {
	lay("key", openssl("x509", "-pubkey", "-noout", "-in", "signature.crt"));
	lay("signature", bytesOf(values.signature));
	const recipe = (text: string): string => openssl("dgst", "-sha256", "-verify", "key", "-signature", "signature", lay("document", text));
	assert.equal(recipe(document), "Verified OK\n");
	assert.throws(() => recipe(document.replace("t2.micro", "t3.micro")));
	assert.throws(() => recipe(`${document}\n`));
});

for (const name of ["pkcs7", "rsa2048"] as const) {
	const recipe = (value: string, certificate = `${name}.crt`): string => {
		const armoured = lay("value.pem", `-----BEGIN PKCS7-----\n${value}\n-----END PKCS7-----\n`);
		return openssl("smime", "-verify", "-in", armoured, "-inform", "PEM", "-certfile", certificate, "-noverify");
	};
	const changed = (from: string, to: string): string => {
		const bytes = bytesOf(values[name]).toString("latin1");
		assert.ok(bytes.includes(from));
		return Buffer.from(bytes.replace(from, to), "latin1").toString("base64").replace(/.{76}/g, "$&\n");
	};

	test(`openssl verifies ${name} by the recipe of the AWS guide and gives the document back`, { skip }, () => {
		assert.equal(recipe(values[name]), document);
	});

	test(`openssl refuses a changed ${name}`, { skip }, () => {
		assert.throws(() => recipe(changed("t2.micro", "t3.micro")), /digest/);
		assert.throws(() => recipe(changed("250205091813Z", "250205091814Z")), /signature/);
	});

	test(`openssl does not take ${name} for another signer's`, { skip }, async () => {
		const other = (await createIdentityKeys())[name]?.certificate.toString() ?? "";
		assert.throws(() => recipe(values[name], lay("other.crt", other)), /signer certificate not found/);
	});

	test(`${name} has the structure of AWS's`, { skip }, () => {
		lay("value.der", bytesOf(values[name]));
		const lines = openssl("asn1parse", "-inform", "DER", "-in", "value.der").matchAll(
			/d=(\d+) +hl=\d+ l= *(\w+) +\w+: (.*?) *(?:\[HEX DUMP\])?(?::(.*))?$/gm,
		);
		const structure = Array.from(lines, ([, depth, length, type = "", value = ""]) => {
			const shown = /STRING/.test(type) && !/PRINTABLE/.test(type) ? "" : value;
			return `${" ".repeat(Number(depth))}${type}${length === "inf" ? " (indefinite)" : ""} ${shown}`.trimEnd();
		});
		assert.equal(structure.join("\n"), expectedStructure(name));
	});
}

function expectedStructure(name: "pkcs7" | "rsa2048"): string {
	const hash = name === "pkcs7" ? "sha1" : "sha256";
	const signing = name === "pkcs7" ? ["OBJECT dsaWithSHA1"] : ["OBJECT sha256WithRSAEncryption", "NULL"];
	const serial = keys[name]?.certificate.serialNumber;
	const messageDigest = ["SEQUENCE", " OBJECT messageDigest", " SET", "  OCTET STRING"];
	const algorithmProtection = [
		"SEQUENCE",
		" OBJECT 1.2.840.113549.1.9.52",
		" SET",
		"  SEQUENCE",
		"   SEQUENCE",
		`    OBJECT ${hash}`,
		"    NULL",
		"   cont [ 1 ]",
		...signing.map((line) => `    ${line}`),
	];
	// In the order of a DER set, the shorter first.
	const lastAttributes = name === "pkcs7" ? [...messageDigest, ...algorithmProtection] : [...algorithmProtection, ...messageDigest];
	const relativeName = (attribute: string, value: string): string[] => [
		"       SET",
		"        SEQUENCE",
		`         OBJECT ${attribute}`,
		`         PRINTABLESTRING ${value}`,
	];
	return [
		"SEQUENCE (indefinite)",
		" OBJECT pkcs7-signedData",
		" cont [ 0 ] (indefinite)",
		"  SEQUENCE (indefinite)",
		"   INTEGER 01",
		"   SET",
		"    SEQUENCE",
		`     OBJECT ${hash}`,
		"     NULL",
		"   SEQUENCE (indefinite)",
		"    OBJECT pkcs7-data",
		"    cont [ 0 ] (indefinite)",
		"     OCTET STRING (indefinite)",
		"      OCTET STRING",
		"      EOC",
		"     EOC",
		"    EOC",
		"   SET",
		"    SEQUENCE",
		"     INTEGER 01",
		"     SEQUENCE",
		"      SEQUENCE",
		...relativeName("countryName", "US"),
		...relativeName("stateOrProvinceName", "Washington State"),
		...relativeName("localityName", "Seattle"),
		...relativeName("organizationName", "Amazon Web Services LLC"),
		`      INTEGER ${serial}`,
		"     SEQUENCE",
		`      OBJECT ${hash}`,
		"      NULL",
		"     cont [ 0 ]",
		"      SEQUENCE",
		"       OBJECT contentType",
		"       SET",
		"        OBJECT pkcs7-data",
		"      SEQUENCE",
		"       OBJECT signingTime",
		"       SET",
		"        UTCTIME 250205091813Z",
		...lastAttributes.map((line) => `      ${line}`),
		"     SEQUENCE",
		...signing.map((line) => `      ${line}`),
		"     OCTET STRING",
		"   EOC",
		"  EOC",
		" EOC",
	].join("\n");
}
