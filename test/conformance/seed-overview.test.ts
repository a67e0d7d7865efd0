// "Basic Usage" of the seed overview (imds-overview.md), v1 and v2, command by command with curl: only the address is changed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { startService } from "../running-service.ts";
import { requireTool } from "../tools.ts";

const curl = requireTool("curl");
const run = promisify(execFile);

const BASICS: readonly (readonly [path: string, expected: RegExp])[] = [
	["meta-data/", /^ami-id\n[\s\S]*\nsystem\ntags\/$/],
	["meta-data/instance-id", /^i-[0-9a-f]{17}$/],
	["meta-data/instance-type", /^t3\.micro$/],
	["meta-data/public-ipv4", /^\d+\.\d+\.\d+\.\d+$/],
	["meta-data/security-groups", /^default$/],
	["meta-data/iam/security-credentials/", /^[\w-]+$/],
	["meta-data/iam/security-credentials/YOUR_ROLE_NAME", /^\{\n {2}"Code" : "Success",\n/],
	["user-data", /^#!\/bin\/bash\n/],
];

test("every command of the overview's Basic Usage works against the first start's instance", { skip: curl.skip }, async (t) => {
	const { url } = await startService(t);
	const shell = async (command: string) => (await run("/bin/sh", ["-c", command.replaceAll("http://169.254.169.254", url)])).stdout;
	const roleName = await shell("curl -sf http://169.254.169.254/latest/meta-data/iam/security-credentials/");
	const getToken = 'TOKEN=$(curl -sf -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")';
	for (const [path, expected] of BASICS) {
		const address = `http://169.254.169.254/latest/${path.replace("YOUR_ROLE_NAME", roleName)}`;
		assert.match(await shell(`curl -sf ${address}`), expected, `v1 ${path}`);
		assert.match(await shell(`${getToken}\ncurl -sf -H "X-aws-ec2-metadata-token: $TOKEN" ${address}`), expected, `v2 ${path}`);
	}
});
