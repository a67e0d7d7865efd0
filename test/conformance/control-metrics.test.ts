// Cases C39 to C41 of control-apis.md §7: what CloudWatch tells of who still calls without a token, in each of its protocols.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { GetMetricDataCommand, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { startApi } from "../api/api.ts";
import { type AskedMetric, cborClient, metricsClients } from "./cloudwatch-clients.ts";
import { CONFIGURATION, launched, modify, running } from "./control-scene.ts";
import { askWithoutToken, askWithToken, type AskedPeriod, inFiveMinutes, onePeriod } from "./metrics-scene.ts";

const SETTINGS = { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] };

const api = await startApi({ after }, SETTINGS);
const { ec2, cloudwatch } = api;
const period = onePeriod();

/** As the cases have it: called three times without a token, twice with one. */
const counted = await launched(ec2);
await askWithoutToken(counted.url, 3);
await askWithToken(counted.url, 2);
/** Its software is up to date. */
const modern = await launched(ec2);
await askWithToken(modern.url, 2);
/** Went from optional to required tokens, and has one program that did not notice. */
const enforced = await launched(ec2);
await askWithoutToken(enforced.url, 3);
await modify(ec2, enforced.instanceId, { HttpTokens: "required" });
await running(ec2, enforced.instanceId);
await askWithoutToken(enforced.url, 4, 401);
await askWithToken(enforced.url, 1);
/** Has required them from the beginning. */
const strict = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });

const noToken = ({ instanceId }: { instanceId: string }, time = period): AskedMetric => ({
	MetricName: "MetadataNoToken",
	instanceId,
	...time,
});
const rejected = ({ instanceId }: { instanceId: string }, time = period): AskedMetric => ({
	MetricName: "MetadataNoTokenRejected",
	instanceId,
	...time,
});
const point = (Sum: number) => ({ Sum, Unit: "Count" });

const clients = metricsClients({ after }, api);
for (const { name, skip, sums, list } of clients) {
	test(`C39: three calls without a token and two with one are a Sum of 3, by ${name}`, { skip }, async () => {
		const fives = await sums(noToken(counted, inFiveMinutes(period)));
		assert.equal(
			fives.reduce((sum, { Sum = NaN }) => sum + Sum, 0),
			3,
		);
		assert.deepEqual([...new Set(fives.map(({ Unit }) => Unit))], ["Count"]);
		assert.deepEqual(await sums(noToken(modern)), [point(0)], "no calls without one: zero, and not nothing");
	});

	test(`C40: where tokens are required calls are rejected, and no longer counted as calls, by ${name}`, { skip }, async () => {
		assert.deepEqual(await sums(rejected(enforced)), [point(4)]);
		assert.deepEqual(await sums(noToken(enforced)), [point(3)], "those of before");
	});

	test(`C41: each list has the instances that have data, by ${name}`, { skip }, async () => {
		const withData = [counted, modern, enforced].map(({ instanceId }) => instanceId);
		assert.deepEqual((await list("MetadataNoToken")).toSorted(), withData.toSorted());
		assert.deepEqual(await list("MetadataNoTokenRejected"), [enforced.instanceId]);
	});

	test(`too many data points are refused by the same code in each protocol: ${name}`, { skip }, async () => {
		const week: AskedPeriod = { ...inFiveMinutes(period), StartTime: new Date(period.EndTime.getTime() - 7 * 86_400_000) };
		await assert.rejects(sums(noToken(counted, week)), (error: Error) => {
			assert.match(`${error.name} ${error.message}`, /InvalidParameterCombination/);
			assert.match(error.message, /You have requested up to 2,016 datapoints, which exceeds the limit of 1,440\. You may reduce/);
			return true;
		});
	});
}

test("C39, C40: what can't be counted has no zeros, either", async () => {
	const [{ sums, list }] = clients;
	assert.deepEqual(await sums(noToken(counted)), [point(3)]);
	assert.deepEqual(await sums(rejected(counted)), [], "where tokens are optional nothing is rejected");
	assert.deepEqual(await sums(noToken(strict)), [], "where they are required nothing else gets through");
	assert.deepEqual(await sums(rejected(strict)), [], "and nobody has tried");
	assert.deepEqual(await list("CPUUtilization"), []);
});

test("C40: an instance that goes back to optional tokens has calls again, and keeps what was rejected", async () => {
	const { instanceId, url } = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
	await askWithoutToken(url, 2, 401);
	await modify(ec2, instanceId, { HttpTokens: "optional" });
	await running(ec2, instanceId);
	await askWithoutToken(url, 1);
	const sums = async (MetricName: string) => {
		const Dimensions = [{ Name: "InstanceId", Value: instanceId }];
		const input = { Namespace: "AWS/EC2", MetricName, Dimensions, ...period, Statistics: ["Sum" as const] };
		return (await cloudwatch.send(new GetMetricStatisticsCommand(input))).Datapoints?.map(({ Sum }) => Sum);
	};
	assert.deepEqual(await sums("MetadataNoToken"), [1]);
	assert.deepEqual(await sums("MetadataNoTokenRejected"), [2]);
});

for (const [name, client] of [
	["JSON", cloudwatch],
	["CBOR", cborClient({ after }, api)],
] as const) {
	test(`GetMetricData tells a fleet's calls in one number, in ${name}`, async (t) => {
		const fleet = await startApi(t, SETTINGS);
		const instances = [await launched(fleet.ec2), await launched(fleet.ec2), await launched(fleet.ec2)];
		for (const [index, { url }] of instances.entries()) await askWithoutToken(url, index);
		const fleetClient = client === cloudwatch ? fleet.cloudwatch : cborClient(t, fleet);
		const { StartTime, EndTime, Period } = period;
		const search = `SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', ${Period})`;
		const { MetricDataResults = [], Messages } = await fleetClient.send(
			new GetMetricDataCommand({
				StartTime,
				EndTime,
				MetricDataQueries: [
					{ Id: "all", Expression: search, ReturnData: false },
					{ Id: "total", Expression: "SUM(all)" },
					{ Id: "one", MetricStat: { Metric: metricOf(instances[2]!.instanceId), Period, Stat: "Sum" } },
				],
			}),
		);
		assert.deepEqual(
			MetricDataResults.map(({ Id, Values, StatusCode, Timestamps }) => [Id, Values, StatusCode, Timestamps]),
			[
				["total", [3], "Complete", [StartTime]],
				["one", [2], "Complete", [StartTime]],
			],
		);
		assert.deepEqual(Messages ?? [], []);
	});
}

function metricOf(instanceId: string) {
	return { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value: instanceId }] };
}
