// Cases C42 and C44 of control-apis.md §7 by the AWS CLI, in the words of the Lightsail guide; and what the CLI makes of lists and pages.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { requireTool } from "../tools.ts";
import { startApi } from "./api.ts";
import { createOne, untilApplied } from "./lightsail-scene.ts";

const aws = requireTool("aws");
const { lightsail, apiUrl, rootKey } = await startApi({ after });
await createOne(lightsail, "Web-1");

const ENVIRONMENT = {
	PATH: process.env["PATH"],
	AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
	AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
	AWS_EC2_METADATA_DISABLED: "true",
	AWS_PAGER: "",
};

/** What `aws lightsail …` prints, read as JSON. */
async function cli<T = Record<string, unknown>>(...command: readonly string[]): Promise<T> {
	// Debian's CLI is older than AWS_ENDPOINT_URL.
	const args = ["lightsail", ...command, "--region", "us-east-1", "--endpoint-url", apiUrl, "--output", "json"];
	const { stdout } = await promisify(execFile)(aws.path, args, { env: ENVIRONMENT });
	return JSON.parse(stdout) as T;
}

const options = { skip: aws.skip };

test("C42: aws lightsail update-instance-metadata-options", options, async () => {
	const { operation } = await cli<{ operation: Record<string, unknown> }>(
		"update-instance-metadata-options",
		"--instance-name",
		"Web-1",
		"--http-tokens",
		"required",
	);
	assert.deepEqual([operation["status"], operation["operationType"]], ["Succeeded", "UpdateInstanceMetadataOptions"]);
	await untilApplied(lightsail, "Web-1");
	const query = ["--query", "instance.metadataOptions"];
	assert.deepEqual(await cli("get-instance", "--instance-name", "Web-1", ...query), {
		state: "applied",
		httpTokens: "required",
		httpEndpoint: "enabled",
		httpPutResponseHopLimit: 1,
		httpProtocolIpv6: "disabled",
	});
});

test("C44: an unknown name", options, async () => {
	await assert.rejects(
		cli("get-instance", "--instance-name", "Web-404"),
		/An error occurred \(NotFoundException\) when calling the GetInstance operation: The Instance does not exist: Web-404/,
	);
});

test("the CLI creates an instance, whose user data it sends as they are", options, async () => {
	const create = ["create-instances", "--instance-names", "Cli-1", "--availability-zone", "us-east-1a", "--blueprint-id", "nginx"];
	const { operations } = await cli<{ operations: { status: string }[] }>(...create, "--bundle-id", "nano_3_0", "--user-data", "#!/bin/sh");
	assert.deepEqual(
		operations.map(({ status }) => status),
		["Started"],
	);
	const names = await cli<string[]>("get-instances", "--query", "instances[].name");
	assert.deepEqual(names, ["Cli-1", "Web-1"]);
	const blueprints = await cli<string[]>("get-blueprints", "--include-inactive", "--query", "blueprints[?!isActive].blueprintId");
	assert.deepEqual(blueprints, ["centos_7_2009_01", "ubuntu_20_04"]);
});
