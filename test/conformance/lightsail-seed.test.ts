// Lightsail's guide to its metadata service, walked from its first command to its last: what it prints is read from the document itself.
// Its commands are run by a shell as they are; curl is told to find 169.254.169.254 where the instance's listener is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startApi } from "../api/api.ts";
import { createOne, endpointOf, instanceNamed, untilApplied } from "../api/lightsail-scene.ts";
import { execLine, SELF, start } from "../cli/as-user.ts";
import { tokenFrom } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { aws, awsCommand } from "./aws-command.ts";
import { inFiveMinutes, onePeriod } from "./metrics-scene.ts";

const SEED = fileURLToPath(new URL("../../../shared/seeds/lightsail-instance-metadata.md", import.meta.url));
const curl = requireTool("curl");
const skip = existsSync(SEED) ? aws.skip || curl.skip : `the seed is not there: ${SEED}`;

const api = await startApi(
	{ after },
	{
		configuration: `
instances:
  - lightsail: { name: Declared-1, blueprintId: amazon_linux_2, bundleId: nano_3_0 }
    endpointListen: 127.0.0.1:0
`,
		flags: ["--transition-delay-ms", "20"],
	},
);
const { lightsail } = api;
const command = awsCommand({ after }, api);
const period = onePeriod();

/** What an answer to a request for all metadata looks like: names, one a line. */
const LISTING = /^ami-id\n(?:[a-z0-9-]+\/?\n)+system$/;

for (const { name, how, url } of [
	{ name: "Created-1", how: "that CreateInstances made", url: async () => endpointOf(await createOne(lightsail, "Created-1")) },
	{ name: "Declared-1", how: "that a configuration file declares", url: () => Promise.resolve(api.service.url) },
]) {
	test(`the guide is true, step by step, of an instance ${how}`, { skip }, async () => {
		const { linux, windows, updates } = commands();
		const [putToken = "", listing = "", imageId = ""] = linux;
		const endpoint = await url();
		const imageOf = (await instanceNamed(lightsail, name)).blueprintId;
		assert.equal(imageOf, "amazon_linux_2");

		// By default, one can use either version.
		const v1 = [listing, imageId].map(withoutToken);
		const [names, image] = await onInstance(endpoint, v1);
		assert.match(names?.output ?? "", LISTING);
		assert.match(image?.output ?? "", /^ami-[0-9a-f]{17}$/);
		assert.deepEqual(statusesOf([names, image]), ["200 OK", "200 OK"]);

		const byToken = await onInstance(endpoint, [putToken, listing, imageId]);
		assert.deepEqual(
			byToken.map(({ output }) => output),
			["", names?.output, image?.output],
			"the same with a token",
		);
		assert.deepEqual(statusesOf(byToken.slice(1)), ["200 OK", "200 OK"]);
		assert.deepEqual(await inPowerShell(endpoint, windows), [names?.output, image?.output]);

		// Step 2: the metric tells the two calls without a token, and none of those with one.
		assert.equal(await noTokenCalls(name), 2);

		// Step 3: "You can make these changes on running instances; you do not need to restart".
		const early = await tokenFrom(endpoint);
		const [update = ""] = updates;
		const words = update.replace("RegionName", api.region).replace("InstanceName", name).replace(/^aws /, "");
		const { operation } = await command<{ operation: Record<string, unknown> }>(words);
		assert.deepEqual(
			[operation["operationType"], operation["status"], operation["resourceName"]],
			["UpdateInstanceMetadataOptions", "Succeeded", name],
		);
		const { metadataOptions, state } = await untilApplied(lightsail, name);
		assert.deepEqual([metadataOptions?.httpTokens, state?.name], ["required", "running"]);

		// "requests without a valid token or with an expired token receive a 401 - Unauthorized HTTP error code"
		assert.deepEqual(statusesOf(await onInstance(endpoint, v1)), ["401 Unauthorized", "401 Unauthorized"]);
		const invalid = [`TOKEN=${"A".repeat(56)}`, listing];
		assert.deepEqual(statusesOf((await onInstance(endpoint, invalid)).slice(1)), ["401 Unauthorized"]);
		const headers = { "X-aws-ec2-metadata-token": early };
		assert.equal((await fetch(`${endpoint}/latest/meta-data/`, { headers })).status, 200, "a token of before stays good");
		assert.deepEqual(
			(await onInstance(endpoint, [putToken, listing, imageId])).map(({ output }) => output),
			["", names?.output, image?.output],
		);
		assert.equal(await noTokenCalls(name), 2, "no call since");
	});
}

test("the metric of an instance whose software is ready is zero, and then nothing breaks", { skip }, async () => {
	const { linux } = commands();
	const endpoint = endpointOf(await createOne(lightsail, "Ready-1"));
	await onInstance(endpoint, linux);
	assert.equal(await noTokenCalls("Ready-1"), 0);
	await command("lightsail update-instance-metadata-options --instance-name Ready-1 --http-tokens required");
	await untilApplied(lightsail, "Ready-1");
	assert.deepEqual(statusesOf((await onInstance(endpoint, linux)).slice(1)), ["200 OK", "200 OK"]);
	assert.equal(await noTokenCalls("Ready-1"), 0);
});

test("the guide's commands find the instance at 169.254.169.254 itself, isolated", { skip: skip || SELF.skip }, async (t) => {
	const { linux } = commands();
	const created = await createOne(lightsail, "Isolated-1");
	const [, instanceId = ""] = created.supportCode?.split("/") ?? [];
	const script = [...linux, "echo", ...linux.slice(1).map(withoutToken)].join("\n");
	const on = ["--isolated", "--instance", instanceId, "--data-dir", api.service.dataDir];
	const { child, outcome } = start(t, execLine(...on, "--", "bash", "--norc", "-c", script), { user: SELF });
	child.stdin.end();
	const { code, stdout, stderr } = await outcome;
	assert.equal(code, 0, stderr);
	const [byToken = "", withNone] = stdout.split(/(?<=ami-[0-9a-f]{17})\n/);
	assert.match(byToken, /^ami-id\n[^]+\nsystemami-[0-9a-f]{17}$/);
	assert.equal(withNone, byToken);
	assert.equal(await noTokenCalls("Isolated-1"), 2);
});

test("tokens are what the guide says of them", { skip }, async () => {
	const endpoint = endpointOf(await createOne(lightsail, "Token-1"));
	const other = endpointOf(await createOne(lightsail, "Token-2"));
	const put = async (headers: Record<string, string>) => (await fetch(`${endpoint}/latest/api/token`, { method: "PUT", headers })).status;
	const ttl = (seconds: number) => ({ "X-aws-ec2-metadata-token-ttl-seconds": String(seconds) });
	assert.deepEqual([await put(ttl(1)), await put(ttl(21_600))], [200, 200], "a minimum of one second and a maximum of six hours");
	assert.deepEqual([await put({}), await put(ttl(0)), await put(ttl(21_601))], [400, 400, 400]);
	assert.equal(await put({ ...ttl(60), "X-Forwarded-For": "203.0.113.7" }), 403);
	const headers = { "X-aws-ec2-metadata-token": await tokenFrom(endpoint) };
	assert.equal((await fetch(`${endpoint}/latest/meta-data/`, { headers, method: "HEAD" })).status, 200);
	assert.equal((await fetch(`${other}/latest/meta-data/`, { headers })).status, 401, "not valid on other instances");

	assert.equal((await instanceNamed(lightsail, "Token-1")).metadataOptions?.httpPutResponseHopLimit, 1);
	await command("lightsail update-instance-metadata-options --instance-name Token-1 --http-put-response-hop-limit 2");
	const { metadataOptions } = await untilApplied(lightsail, "Token-1");
	assert.deepEqual([metadataOptions?.httpPutResponseHopLimit, metadataOptions?.httpTokens], [2, "optional"]);
});

/** The lines that the guide prints in blocks of code: for a shell on Linux, for PowerShell, and for an administrator. */
function commands(): { readonly linux: readonly string[]; readonly windows: readonly string[]; readonly updates: readonly string[] } {
	const blocks = [...readFileSync(SEED, "utf8").matchAll(/^( *)(`{3,})\n([\s\S]*?)\n\1\2$/gm)].map(([, , , block = ""]) => block.trim());
	const after = (prompt: string) => blocks.filter((block) => block.startsWith(prompt)).map((block) => block.slice(prompt.length));
	const found = {
		linux: after("[ec2-user ~]$ "),
		windows: after("PS C:\\> "),
		updates: blocks.filter((block) => block.startsWith("aws ")),
	};
	assert.deepEqual([found.linux.length, found.windows.length, found.updates.length, blocks.length], [3, 3, 1, 7], "all blocks are known");
	return found;
}

/** A command of version 2 as it is in version 1. */
function withoutToken(line: string): string {
	const without = line.replace(/ -H "X-aws-ec2-metadata-token: \$TOKEN"/, "");
	assert.match(without, /^curl -v http:\/\/169\.254\.169\.254\/latest\/meta-data\/[a-z-]*$/);
	return without;
}

interface Ran {
	readonly output: string;
	/** What curl -v tells of the exchange. */
	readonly trace: string;
}

/** Runs commands in one shell, one after the other, as on the instance that a listener is for. */
async function onInstance(endpoint: string, lines: readonly string[]): Promise<readonly Ran[]> {
	const { host } = new URL(endpoint);
	const separator = "=-=-=";
	const script = [
		`curl() { command "$CURL" --silent --show-error --connect-to "169.254.169.254:80:$LISTENER" "$@"; }`,
		...lines.flatMap((line) => [line, `echo "${separator}"; echo "${separator}" >&2`]),
	].join("\n");
	const env = { PATH: process.env["PATH"], CURL: curl.path, LISTENER: host };
	// Behind a socket bash would read somebody's settings.
	const { stdout, stderr } = await promisify(execFile)("/bin/bash", ["--norc", "-c", script], { env });
	const traces = stderr.split(separator);
	return stdout
		.split(`${separator}\n`)
		.slice(0, -1)
		.map((output, index) => ({ output, trace: traces[index] ?? "" }));
}

function statusesOf(ran: readonly (Ran | undefined)[]): readonly string[] {
	return ran.map((each) => /^< HTTP\/1\.1 (.*?)\r?$/m.exec(each?.trace ?? "")?.[1] ?? "none");
}

/** Sends the requests that lines of PowerShell name, the token of the first one in the others; gives their answers. */
async function inPowerShell(endpoint: string, lines: readonly string[]): Promise<readonly string[]> {
	const bodies: string[] = [];
	let token = "";
	for (const line of lines) {
		const [, name = "", value = ""] = /-Headers @\{"([^"]+)" = (\S+)\}/.exec(line) ?? [];
		const [, method = ""] = /-Method (\w+)/.exec(line) ?? [];
		const [, path = ""] = /-Uri http:\/\/169\.254\.169\.254(\/\S*)/i.exec(line) ?? [];
		const headers = { [name]: value === "$token" ? token : value.replaceAll('"', "") };
		const response = await fetch(`${endpoint}${path}`, { method, headers });
		assert.equal(response.status, 200, line);
		if (line.startsWith("[string]$token = ")) token = await response.text();
		else bodies.push(await response.text());
	}
	return bodies;
}

/** The metric that the guide says to track, as the AWS CLI tells it. */
async function noTokenCalls(instanceName: string): Promise<number> {
	const { StartTime, EndTime, Period } = inFiveMinutes(period);
	const { metricData } = await command<{ metricData: { sum: number }[] }>(
		`lightsail get-instance-metric-data --instance-name ${instanceName} --metric-name MetadataNoToken --period ${Period} ` +
			`--start-time ${StartTime.toISOString()} --end-time ${EndTime.toISOString()} --unit Count --statistics Sum`,
	);
	assert.ok(metricData.length > 0, "zero is a number, too");
	return metricData.reduce((total, { sum }) => total + sum, 0);
}
