// The guides' openssl recipes (metadata-endpoint.md §3.2, §3.3) verify what the service signs, against what `openimds certificates` prints.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { MAIN, startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";

const openssl = requireTool("openssl");
const curl = requireTool("curl");
const run = promisify(execFile);

const SCRIPT = `set -eu
get() { curl -sf "$URL/latest/dynamic/instance-identity/$1"; }
get document > document
get signature | base64 -d > signature
openssl x509 -pubkey -noout -in signature.pem > key
openssl dgst -sha256 -verify key -signature signature document
for kind in pkcs7 rsa2048; do
	(echo "-----BEGIN PKCS7-----"; get $kind; echo; echo "-----END PKCS7-----") > $kind.p7
	openssl smime -verify -in $kind.p7 -inform PEM -certfile $kind.pem -noverify > $kind.document
done
`;

test(
	"openssl verifies all three signatures, and both envelopes hold the document byte for byte",
	{ skip: openssl.skip || curl.skip },
	async (t) => {
		const { url, dataDir } = await startService(t);
		const folder = temporaryFolder(t);
		for (const kind of ["signature", "pkcs7", "rsa2048"]) {
			const command = `"${process.execPath}" "${MAIN}" certificates --for ${kind} --data-dir "${dataDir}" > ${kind}.pem`;
			await run("/bin/sh", ["-c", command], { cwd: folder });
		}
		const { stdout } = await run("/bin/sh", ["-c", SCRIPT], { cwd: folder, env: { ...process.env, URL: url } });
		assert.match(stdout, /Verified OK/);
		const document = readFileSync(`${folder}/document`);
		assert.ok(document.length > 300);
		for (const kind of ["pkcs7", "rsa2048"]) assert.deepEqual(readFileSync(`${folder}/${kind}.document`), document, kind);
	},
);
