// Cases C39 to C41 and C47 of control-apis.md §7, by the SDK and by the AWS CLI: what is asked without a token is counted, and told.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
	type Datapoint,
	GetMetricDataCommand,
	GetMetricStatisticsCommand,
	type GetMetricStatisticsCommandInput,
	ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import { ModifyInstanceMetadataOptionsCommand } from "@aws-sdk/client-ec2";
import { requireTool } from "../tools.ts";
import { startApi } from "./api.ts";
import { endpointOf, type LaunchedInstance, launchOne, metadata, untilState } from "./instances.ts";

const HOUR = 3_600_000;

const aws = requireTool("aws");
const { ec2, cloudwatch, apiUrl, rootKey, region } = await startApi({ after });

async function launch(): Promise<LaunchedInstance> {
	const { InstanceId } = await launchOne(ec2, { MetadataOptions: { HttpTokens: "optional" } });
	return untilState(ec2, InstanceId, "running");
}

async function tokenOf(url: string): Promise<string> {
	const headers = { "X-aws-ec2-metadata-token-ttl-seconds": "60", connection: "close" };
	return (await fetch(`${url}/latest/api/token`, { method: "PUT", headers })).text();
}

/** Asks as often as it is said, without a token unless there is one, and gives the statuses. */
async function ask(instance: LaunchedInstance, times: number, token?: string): Promise<readonly number[]> {
	const statuses: number[] = [];
	for (let time = 0; time < times; time++) statuses.push((await metadata(endpointOf(instance), "meta-data/instance-id", token)).status);
	return statuses;
}

async function statistics(
	{ InstanceId }: LaunchedInstance,
	MetricName: string,
	input: Partial<GetMetricStatisticsCommandInput> = {},
): Promise<readonly Datapoint[]> {
	const { Datapoints = [], Label } = await cloudwatch.send(
		new GetMetricStatisticsCommand({
			Namespace: "AWS/EC2",
			MetricName,
			Dimensions: [{ Name: "InstanceId", Value: InstanceId }],
			StartTime: new Date(Date.now() - HOUR),
			EndTime: new Date(Date.now() + HOUR),
			Period: 300,
			Statistics: ["Sum"],
			...input,
		}),
	);
	assert.equal(Label, MetricName);
	return Datapoints;
}

/** What the datapoints of an hour come to: a test may run while one period ends and the next begins. */
function total(datapoints: readonly Datapoint[]): number {
	return datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

test("C39, C40: tokenless requests are MetadataNoToken while tokens are optional, and rejected once they are required", async () => {
	const instance = await launch();
	assert.deepEqual(await ask(instance, 3), [200, 200, 200]);
	assert.deepEqual(await ask(instance, 2, await tokenOf(endpointOf(instance))), [200, 200]);
	const datapoints = await statistics(instance, "MetadataNoToken");
	assert.equal(total(datapoints), 3);
	for (const { Unit, Timestamp } of datapoints) {
		assert.equal(Unit, "Count");
		assert.equal(Timestamp!.getTime() % (5 * 60_000), 0);
	}
	assert.deepEqual(await statistics(instance, "MetadataNoTokenRejected"), []);

	await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instance.InstanceId, HttpTokens: "required" }));
	await untilRequired(instance);
	const before = total(await statistics(instance, "MetadataNoTokenRejected"));
	assert.deepEqual(await ask(instance, 4), [401, 401, 401, 401]);
	assert.equal(total(await statistics(instance, "MetadataNoTokenRejected")) - before, 4);
	assert.equal(total(await statistics(instance, "MetadataNoToken")), 3);
});

/** Options take effect a moment after they are asked for: a page that there isn't is asked for, which counts as nothing but a rejection. */
async function untilRequired(instance: LaunchedInstance): Promise<void> {
	while ((await metadata(endpointOf(instance), "meta-data/no-such-leaf")).status !== 401);
}

test("all statistics and percentiles of a period are told", async () => {
	const instance = await launch();
	await ask(instance, 6);
	const [all] = await statistics(instance, "MetadataNoToken", {
		Statistics: ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
		Period: 86_400,
	});
	assert.equal(all?.Sum, 6);
	assert.equal(all.Average, 6 / all.SampleCount!);
	assert.ok(all.Minimum! <= all.Average && all.Average <= all.Maximum!);
	const [extended] = await statistics(instance, "MetadataNoToken", {
		Statistics: undefined,
		ExtendedStatistics: ["p100", "p0"],
		Period: 86_400,
	});
	assert.deepEqual(extended?.ExtendedStatistics, { p100: all.Maximum, p0: all.Minimum });
});

test("C41: metrics with data are listed, one an instance", async () => {
	const [first, second] = [await launch(), await launch()];
	await ask(first, 1);
	const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: "AWS/EC2", MetricName: "MetadataNoToken" }));
	const ids = Metrics.map(({ Dimensions }) => Dimensions?.[0]?.Value);
	assert.equal(new Set(ids).size, ids.length);
	// The second had no request at all: it is known to have had none.
	for (const { InstanceId } of [first, second]) assert.ok(ids.includes(InstanceId));
	const filter = { Dimensions: [{ Name: "InstanceId", Value: first.InstanceId }], RecentlyActive: "PT3H" as const };
	const { Metrics: own = [] } = await cloudwatch.send(new ListMetricsCommand(filter));
	assert.deepEqual(own.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`).sort(), [
		"AWS/EC2 MetadataNoToken",
		"OpenIMDS Requests",
		"OpenIMDS TokensIssued",
	]);
});

test("GetMetricData sums up many instances in one question", async () => {
	const instances = [await launch(), await launch()];
	for (const instance of instances) await ask(instance, 2);
	const [one, other] = instances.map(({ InstanceId }) => InstanceId);
	const search = `SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken" InstanceId=("${one}" OR "${other}")', 'Sum', 3600)`;
	const { MetricDataResults = [], Messages } = await cloudwatch.send(
		new GetMetricDataCommand({
			StartTime: new Date(Date.now() - HOUR),
			EndTime: new Date(),
			MetricDataQueries: [
				{ Id: "all", Expression: "SUM(found)", Label: "calls" },
				{ Id: "found", Expression: search },
			],
		}),
	);
	assert.deepEqual(Messages, []);
	assert.deepEqual(
		MetricDataResults.map(({ Id, Label, Values = [], StatusCode }) => [
			Id,
			Label,
			Values.reduce((sum, value) => sum + value, 0),
			StatusCode,
		]),
		[["all", "calls", 4, "Complete"], ...[one!, other!].sort().map((id) => ["found", id, 2, "Complete"])],
	);
});

test("C39 by the AWS CLI", { skip: aws.skip }, async () => {
	const instance = await launch();
	await ask(instance, 3);
	const [startTime, endTime] = [Date.now() - HOUR, Date.now() + HOUR].map((ms) => new Date(ms).toISOString());
	const args = `cloudwatch get-metric-statistics --namespace AWS/EC2 --metric-name MetadataNoToken --dimensions Name=InstanceId,Value=${instance.InstanceId} --start-time ${startTime} --end-time ${endTime} --period 3600 --statistics Sum --endpoint-url ${apiUrl} --region ${region} --output json`;
	const env = {
		PATH: process.env["PATH"],
		AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
		AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_PAGER: "",
	};
	const { stdout } = await promisify(execFile)(aws.path, args.split(" "), { env });
	const { Label, Datapoints } = JSON.parse(stdout) as { Label: string; Datapoints: readonly Datapoint[] };
	assert.equal(Label, "MetadataNoToken");
	assert.equal(total(Datapoints), 3);
	assert.equal(Datapoints[0]?.Unit, "Count");
});
