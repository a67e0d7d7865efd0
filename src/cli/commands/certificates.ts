import { buildCommand } from "@stricli/core";
import type { Certificates } from "../../daemon/control-messages.ts";
import { type Context, print, printJson } from "../context.ts";
import { Failure } from "../failure.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";

interface CertificatesFlags {
	readonly for?: keyof Certificates;
	readonly json?: boolean;
	readonly dataDir?: string;
}

const NAMES = ["rsa2048", "pkcs7", "signature"] as const satisfies readonly (keyof Certificates)[];

export const certificates = buildCommand<CertificatesFlags, [], Context>({
	docs: {
		brief: "Print the certificates that verify identity documents.",
		fullDescription: `
Prints the certificates of the running service's keys as PEM. Verifiers need them in the place of AWS's: the keys are this data folder's own.
Each verifies what dynamic/instance-identity/ holds under its name.

Examples:
  Verify rsa2048, and likewise pkcs7; the document is in it:

    openimds certificates --for rsa2048 > cert
    (echo "-----BEGIN PKCS7-----"
     openimds get dynamic/instance-identity/rsa2048
     echo; echo "-----END PKCS7-----") > rsa2048
    openssl smime -verify -in rsa2048 -inform PEM -certfile cert -noverify

  Verify signature, which the document comes beside:

    openimds certificates --for signature > cert
    openssl x509 -in cert -pubkey -noout > key
    openimds get dynamic/instance-identity/signature | openssl base64 -d > sig
    openimds get dynamic/instance-identity/document > document
    openssl dgst -sha256 -verify key -signature sig document`,
	},
	parameters: {
		flags: {
			for: { kind: "enum", values: NAMES, optional: true, brief: "Only the one that verifies this (default: all)." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
	},
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ for: only, json, dataDir }) {
			const found = await runningService(this, dataDir).get("/certificates");
			if (only !== undefined) {
				const pem = found[only];
				if (pem === undefined)
					throw new Failure(`The service has no certificate for ${only}: this machine's cryptography refuses its algorithm.`);
				return json === true ? printJson(this, { [only]: pem }) : print(this, pem.trim());
			}
			if (json === true) return printJson(this, found);
			for (const name of NAMES) {
				const pem = found[name];
				print(
					this,
					`# verifies dynamic/instance-identity/${name}${pem === undefined ? ": none, this machine's cryptography refuses its algorithm" : ""}`,
				);
				if (pem !== undefined) print(this, pem.trim());
			}
		};
	},
});
