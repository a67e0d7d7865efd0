// Unmodified clients find themselves on an EC2 instance: with tokens optional, and required.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import { MetadataService } from "@aws-sdk/ec2-metadata-service";
import { type RunningService, startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";

const INSTANCE_ID = "i-0c0ffee0c0ffee0c0";
const aws = requireTool("aws");
const run = promisify(execFile);

for (const httpTokens of ["optional", "required"]) {
	describe(`with httpTokens: ${httpTokens}`, () => {
		let service: RunningService;
		const cleanUps: (() => unknown)[] = [];
		before(async () => {
			service = await startService(
				{ after: (cleanUp) => void cleanUps.push(cleanUp) },
				{
					configuration: `
account: {region: eu-central-1}
roles: [{roleName: web-role}]
instances:
  - instanceId: ${INSTANCE_ID}
    endpointListen: 127.0.0.1:0
    iamInstanceProfile: web-role
    metadataOptions: {httpTokens: ${httpTokens}}
`,
				},
			);
		});
		after(async () => {
			for (const cleanUp of cleanUps.toReversed()) await cleanUp();
		});

		test("the SDK for JavaScript resolves the role's credentials", async () => {
			process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `${service.url}/`;
			const credentials = await fromInstanceMetadata({ timeout: 5000, maxRetries: 0 })();
			assert.match(credentials.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
			assert.equal(credentials.secretAccessKey.length, 40);
			assert.ok(credentials.sessionToken?.startsWith("IQoJb3JpZ2luX2Vj"));
			assert.ok(Number(credentials.expiration) - Date.now() > 5 * 3_600_000);
		});

		test("the SDK's metadata client reads the instance id and the region", async () => {
			const metadata = new MetadataService({ endpoint: `${service.url}/`, httpOptions: { timeout: 5000 } });
			assert.equal(await metadata.request("/latest/meta-data/instance-id", {}), INSTANCE_ID);
			assert.equal(await metadata.request("/latest/meta-data/placement/region", {}), "eu-central-1");
		});

		test("the AWS CLI takes its credentials from the role and its region from the instance", { skip: aws.skip }, async (t) => {
			const home = temporaryFolder(t);
			const env = {
				PATH: process.env["PATH"],
				HOME: home,
				// Debian's CLI (2.9) puts paths right behind this, so that it must end with a slash, as "openimds env" prints it.
				AWS_EC2_METADATA_SERVICE_ENDPOINT: `${service.url}/`,
				AWS_METADATA_SERVICE_TIMEOUT: "20",
			};
			const { stdout } = await run(aws.path, ["configure", "list"], { env });
			assert.match(stdout, /access_key\s+\*+\S{4}\s+iam-role/);
			assert.match(stdout, /secret_key\s+\*+\S{4}\s+iam-role/);
			assert.match(stdout, /region\s+eu-central-1\s+imds/);
		});
	});
}
