// Case C43 of control-apis.md §7, and the whole of the Lightsail guide "Use the Instance Metadata Service with an Amazon Lightsail instance"
// (2023), step by step: requests by both methods, the metric, the update, the metric again.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
	GetInstanceMetricDataCommand,
	type GetInstanceMetricDataCommandInput,
	type LightsailClient,
	type MetricDatapoint,
	UpdateInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-lightsail";
import { requireTool } from "../tools.ts";
import { rejectsWith, startApi } from "./api.ts";
import { metadata } from "./instances.ts";
import { createOne, endpointOf, untilApplied } from "./lightsail-scene.ts";

const aws = requireTool("aws");
const { lightsail, apiUrl, rootKey } = await startApi({ after });
const HOUR_MS = 3_600_000;
const TTL = "X-aws-ec2-metadata-token-ttl-seconds";

/** The data points of the hour before now and the one behind, by five minutes. */
async function metricData(
	client: LightsailClient,
	instanceName: string,
	input: Partial<GetInstanceMetricDataCommandInput> = {},
): Promise<readonly MetricDatapoint[]> {
	const request = { instanceName, metricName: "MetadataNoToken", period: 300, unit: "Count", statistics: ["Sum"] } as const;
	const [startTime, endTime] = [-HOUR_MS, HOUR_MS].map((offsetMs) => new Date(Date.now() + offsetMs));
	const command = new GetInstanceMetricDataCommand({ ...request, statistics: ["Sum"], startTime, endTime, ...input });
	const { metricName, metricData = [] } = await client.send(command);
	assert.equal(metricName, input.metricName ?? "MetadataNoToken");
	return metricData;
}

async function sum(instanceName: string): Promise<number> {
	return (await metricData(lightsail, instanceName)).reduce((total, point) => total + (point.sum ?? 0), 0);
}

async function token(url: string, ttlSeconds: number): Promise<string> {
	const answer = await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { [TTL]: String(ttlSeconds) } });
	assert.equal(answer.status, 200);
	return answer.text();
}

test("the guide, step by step: from either method of asking, by the metric, to tokens alone", async () => {
	const instance = await createOne(lightsail, "Guide-1");
	const url = endpointOf(instance);

	// By default both methods work. The examples: all items at the top, then the id of the blueprint (AMI), with one token.
	const session = await token(url, 21_600);
	const top = await metadata(url, "meta-data/", session);
	assert.ok(top.status === 200 && top.text.split("\n").includes("ami-id"));
	assert.match((await metadata(url, "meta-data/ami-id", session)).text, /^ami-[0-9a-f]{17}$/);
	assert.equal(await sum("Guide-1"), 0, "who asks with a token is not counted");

	// What the guide says of tokens: no proxy gets one, GET and HEAD are the methods, and one of another instance is none.
	const forwarded = { method: "PUT", headers: { [TTL]: "60", "X-Forwarded-For": "192.0.2.1" } };
	assert.equal((await fetch(`${url}/latest/api/token`, forwarded)).status, 403);
	const head = { method: "HEAD", headers: { "X-aws-ec2-metadata-token": session } };
	assert.equal((await fetch(`${url}/latest/meta-data/`, head)).status, 200);
	const other = endpointOf(await createOne(lightsail, "Guide-2"));
	assert.equal((await metadata(other, "meta-data/", session)).status, 401);
	assert.equal((await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { [TTL]: "21601" } })).status, 400);

	// Step 2, during the transition: the metric shows what still asks without a token.
	for (let times = 0; times < 3; times++) assert.equal((await metadata(url, "meta-data/")).status, 200);
	assert.equal((await metadata(url, "meta-data/nothing-here")).status, 404);
	assert.equal(await sum("Guide-1"), 3);
	assert.equal(await sum("Guide-2"), 0);

	// Step 3, when everything is ready: no restart is needed.
	await lightsail.send(new UpdateInstanceMetadataOptionsCommand({ instanceName: "Guide-1", httpTokens: "required" }));
	await untilApplied(lightsail, "Guide-1");
	assert.equal((await metadata(url, "meta-data/")).status, 401);
	assert.equal((await metadata(url, "meta-data/", session)).status, 200, "sessions go on");
	assert.equal(await sum("Guide-1"), 3, "what is refused is no use of IMDSv1");
});

test("an instance that nobody asks without a token has zeros, and not nothing, for as long as it runs", async () => {
	const url = endpointOf(await createOne(lightsail, "Quiet-1", { blueprintId: "amazon_linux_2023" }));
	await metadata(url, "meta-data/", await token(url, 60));
	const points = await metricData(lightsail, "Quiet-1");
	assert.ok(points.length > 0);
	assert.ok(points.every((point) => point.sum === 0 && point.unit === "Count"));
});

test("C43: data points are of the period they begin, with the statistics that were asked for", async () => {
	const url = endpointOf(await createOne(lightsail, "C43"));
	for (let times = 0; times < 4; times++) await metadata(url, "meta-data/");
	const points = await metricData(lightsail, "C43", { statistics: ["Sum", "Maximum", "Minimum", "Average", "SampleCount"] });
	const counted = points.filter((point) => (point.sum ?? 0) > 0);
	assert.ok(counted.length > 0);
	assert.ok(points.every(({ timestamp }) => Number(timestamp) % 300_000 === 0));
	assert.equal(points.length, new Set(points.map(({ timestamp }) => Number(timestamp))).size);
	assert.equal(
		counted.reduce((total, { average = 0, sampleCount = 0 }) => total + average * sampleCount, 0),
		4,
	);
	const [daily] = await metricData(lightsail, "C43", { period: 86_400 });
	assert.equal(daily?.sum, 4);
});

test("C43: the AWS CLI gets the same", { skip: aws.skip }, async () => {
	const url = endpointOf(await createOne(lightsail, "Cli-1"));
	await metadata(url, "meta-data/");
	const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString();
	const times = ["--start-time", at(-HOUR_MS), "--end-time", at(HOUR_MS), "--period", "300"];
	const what = ["--instance-name", "Cli-1", "--metric-name", "MetadataNoToken", "--unit", "Count", "--statistics", "Sum"];
	const args = ["lightsail", "get-instance-metric-data", ...what, ...times, "--region", "us-east-1", "--endpoint-url", apiUrl];
	const env = {
		PATH: process.env["PATH"],
		AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
		AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
		AWS_EC2_METADATA_DISABLED: "true",
	};
	const { stdout } = await promisify(execFile)(aws.path, [...args, "--output", "json"], { env });
	const { metricName, metricData } = JSON.parse(stdout) as { metricName: string; metricData: readonly { sum: number; unit: string }[] };
	assert.equal(metricName, "MetadataNoToken");
	assert.equal(
		metricData.reduce((total, point) => total + point.sum, 0),
		1,
	);
	assert.ok(metricData.every(({ unit }) => unit === "Count"));
});

test("what is no metric of Lightsail, no statistic, no time, is refused; what nobody measures here has no data", async () => {
	await createOne(lightsail, "Bad-1");
	const refused = (input: object) => rejectsWith(metricData(lightsail, "Bad-1", input), "InvalidInputException");
	await refused({ metricName: "MetadataNoTokenRejected" });
	await refused({ statistics: ["Median"] });
	await refused({ statistics: [] });
	await refused({ unit: "Furlongs" });
	await refused({ period: 61 });
	await refused({ startTime: new Date(), endTime: new Date(0) });
	await refused({ period: 60, startTime: new Date(0) });
	await rejectsWith(metricData(lightsail, "nobody"), "NotFoundException");
	assert.deepEqual(await metricData(lightsail, "Bad-1", { metricName: "CPUUtilization", unit: "Percent", statistics: ["Average"] }), []);
});
