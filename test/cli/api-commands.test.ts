// The commands that lead to the control APIs, and the one that audits what they configure.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { EC2Client, ModifyInstanceMetadataOptionsCommand } from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { ServiceClient } from "../../src/daemon/service-client.ts";
import { startService } from "../running-service.ts";
import { openimds } from "./openimds.ts";

const service = await startService({ after }, { flags: ["--api-listen", "127.0.0.1:0", "--transition-delay-ms", "0"] });
const { apiAddress = "" } = await service.status();
const rootKey = await new ServiceClient(service.dataDir).get("/root-key");
const [instanceId = ""] = service.urls.keys();

const run = (...args: readonly string[]) => openimds(args, { OPENIMDS_DATA_DIR: service.dataDir });

/** The environment of a shell that evaluates what a command prints. */
function evaluated(script: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
	const text = execFileSync("sh", ["-c", 'eval "$1"; env', "sh", script], { env: { PATH: process.env["PATH"], ...before } }).toString();
	return Object.fromEntries(
		text.split("\n").flatMap((line) => {
			const [name = "", value = ""] = line.split(/=(.*)/s);
			return name.startsWith("AWS_") ? [[name, value]] : [];
		}),
	);
}

test("a shell is led to the APIs with the account's own key, and a session's token is put out of its way", async () => {
	const { stdout, stderr } = await run("env");
	assert.equal(stderr, "");
	assert.deepEqual(evaluated(stdout, { AWS_SESSION_TOKEN: "of another key" }), {
		AWS_ENDPOINT_URL: `http://${apiAddress}`,
		AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
		AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
		AWS_EC2_METADATA_SERVICE_ENDPOINT: `${service.url}/`,
		AWS_REGION: "us-east-1",
		AWS_DEFAULT_REGION: "us-east-1",
	});
	const {
		AWS_ENDPOINT_URL = "",
		AWS_ACCESS_KEY_ID = "",
		AWS_SECRET_ACCESS_KEY = "",
	} = JSON.parse((await run("env", "--json")).stdout) as Record<string, string>;
	const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
	const sts = new STSClient({ endpoint: AWS_ENDPOINT_URL, region: "us-east-1", credentials });
	assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, "arn:aws:iam::123456789012:root");
	sts.destroy();
});

test("as an instance's role a shell gets no key", async () => {
	for (const flags of [["--role"], ["--instance", instanceId]]) {
		const { stdout } = await run("env", ...flags);
		assert.deepEqual(Object.keys(evaluated(stdout)).toSorted(), [
			"AWS_DEFAULT_REGION",
			"AWS_EC2_METADATA_SERVICE_ENDPOINT",
			"AWS_ENDPOINT_URL",
			"AWS_REGION",
		]);
		assert.ok(!stdout.includes(rootKey.accessKeyId));
	}
});

test("an audit finds what it is asked for, and its exit code says whether it did", async (t) => {
	const ec2 = new EC2Client({ endpoint: `http://${apiAddress}`, region: "us-east-1", credentials: rootKey });
	t.after(() => ec2.destroy());
	const modify = (options: Omit<ConstructorParameters<typeof ModifyInstanceMetadataOptionsCommand>[0], "InstanceId">) =>
		ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instanceId, ...options }));
	const audit = async (...flags: readonly string[]) => {
		const { code, stdout } = await run("audit", "--json", ...flags);
		return { code, findings: (JSON.parse(stdout) as { instanceId: string; findings: string[] }[]).flatMap(({ findings }) => findings) };
	};

	assert.deepEqual(await audit(), { code: 1, findings: ["allows IMDSv1"] });
	const { stdout, stderr } = await run("audit");
	assert.match(stdout, new RegExp(`^INSTANCE .*FOUND\\n${instanceId} .*allows IMDSv1\\n$`));
	assert.match(stderr, /^openimds: 1 of 1 instances\. To require tokens: aws ec2 modify-instance-metadata-options /);

	await modify({ HttpTokens: "required", HttpPutResponseHopLimit: 3 });
	while ((await audit()).code !== 0); // pending, for a moment
	assert.deepEqual(await audit("--v1"), { code: 0, findings: [] });
	assert.deepEqual(await audit("--hops-over", "3"), { code: 0, findings: [] });
	assert.deepEqual(await audit("--hops-over", "2", "--v1"), { code: 1, findings: ["more than 2 hops"] });
	assert.deepEqual(await audit("--endpoint-off"), { code: 0, findings: [] });

	await modify({ HttpEndpoint: "disabled", HttpTokens: "optional" });
	while ((await audit("--endpoint-off")).code !== 1);
	assert.deepEqual(await audit("--endpoint-off"), { code: 1, findings: ["endpoint off"] });
	assert.deepEqual(await audit("--v1"), { code: 0, findings: [] }, "what answers nobody answers nobody without a token");
});

test("an audit's bound must be one", async () => {
	for (const hops of ["65", "-1", "x", "1.5"]) {
		const { code, stderr } = await run("audit", `--hops-over=${hops}`);
		assert.equal(code, 2, hops);
		assert.match(stderr, /allowed: a whole number from 0 to 64\./);
	}
});

test("the status tells where the APIs are", async () => {
	assert.match((await run("status")).stdout, new RegExp(`^control APIs +http://${apiAddress}$`, "m"));
});
