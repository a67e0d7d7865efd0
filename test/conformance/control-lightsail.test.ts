// Cases C42 to C44 and C47 of control-apis.md §7: Lightsail by the SDK and by the AWS CLI, and CloudWatch and STS beside it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import {
	GetInstanceCommand,
	GetInstanceMetricDataCommand,
	type LightsailClient,
	type Operation,
	UpdateInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-lightsail";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { rejectsWith, startApi } from "../api/api.ts";
import { createOne, endpointOf, instanceNamed, untilApplied } from "../api/lightsail-scene.ts";
import { aws, awsCommand } from "./aws-command.ts";
import { CONFIGURATION, launched, statuses } from "./control-scene.ts";
import { askWithoutToken, askWithToken, type AskedPeriod, inFiveMinutes, onePeriod } from "./metrics-scene.ts";

const api = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });
const { lightsail } = api;
const command = awsCommand({ after }, api);
const period = onePeriod();

/** What an instance has that nobody changed, once it is applied. */
const DEFAULTS = {
	state: "applied",
	httpTokens: "optional",
	httpEndpoint: "enabled",
	httpPutResponseHopLimit: 1,
	httpProtocolIpv6: "disabled",
};
const BOTH = { v1: 200, v2: 200 };
const V2_ONLY = { v1: 401, v2: 200 };

interface MetricPoint {
	readonly sum?: number | undefined;
	readonly unit?: string | undefined;
	readonly timestamp: string | undefined;
}

interface Client {
	readonly name: string;
	readonly skip: string | false;
	/** The guide's own command. */
	requireTokens(instanceName: string): Promise<{ operation?: Operation | undefined }>;
	options(instanceName: string): Promise<object | undefined>;
	/** C43's. */
	metric(
		instanceName: string,
		asked?: AskedPeriod,
		metricName?: string,
	): Promise<{ metricName: string; metricData: readonly MetricPoint[] }>;
}

const CLIENTS: readonly Client[] = [
	{
		name: "the SDK for JavaScript",
		skip: false,
		requireTokens: (instanceName) => requireTokens(lightsail, instanceName),
		options: async (instanceName) => (await instanceNamed(lightsail, instanceName)).metadataOptions,
		async metric(instanceName, { StartTime, EndTime, Period } = period, metricName = "MetadataNoToken") {
			const { metricData = [], ...rest } = await lightsail.send(
				new GetInstanceMetricDataCommand({
					instanceName,
					metricName: metricName as "MetadataNoToken",
					period: Period,
					startTime: StartTime,
					endTime: EndTime,
					unit: "Count",
					statistics: ["Sum"],
				}),
			);
			const points = metricData.map(({ timestamp, ...point }) => ({ ...point, timestamp: timestamp?.toISOString() }));
			return { metricName: rest.metricName ?? "", metricData: points };
		},
	},
	{
		name: "the AWS CLI",
		skip: aws.skip,
		requireTokens: (instanceName) =>
			command(`lightsail update-instance-metadata-options --region us-east-1 --instance-name ${instanceName} --http-tokens required`),
		options: (instanceName) => command(`lightsail get-instance --instance-name ${instanceName} --query instance.metadataOptions`),
		async metric(instanceName, { StartTime, EndTime, Period } = period, metricName = "MetadataNoToken") {
			const { metricData, ...rest } = await command<{ metricName: string; metricData: (MetricPoint & { timestamp: string })[] }>(
				`lightsail get-instance-metric-data --instance-name ${instanceName} --metric-name ${metricName} --period ${Period} ` +
					`--start-time ${StartTime.toISOString()} --end-time ${EndTime.toISOString()} --unit Count --statistics Sum`,
			);
			return { ...rest, metricData: metricData.map((each) => ({ ...each, timestamp: new Date(each.timestamp).toISOString() })) };
		},
	},
];

for (const [index, { name, skip, requireTokens: require, options, metric }] of CLIENTS.entries()) {
	test(`C42: an update to required tokens has succeeded at once, and a request needs one, by ${name}`, { skip }, async () => {
		const instanceName = `C42-${index}`;
		const url = endpointOf(await createOne(lightsail, instanceName));
		assert.deepEqual(await options(instanceName), DEFAULTS);
		assert.deepEqual(await statuses(url), BOTH);
		const { operation } = await require(instanceName);
		assert.deepEqual(
			[operation?.status, operation?.isTerminal, operation?.operationType, operation?.resourceName, operation?.resourceType],
			["Succeeded", true, "UpdateInstanceMetadataOptions", instanceName, "Instance"],
		);
		await untilApplied(lightsail, instanceName);
		assert.deepEqual(await options(instanceName), { ...DEFAULTS, httpTokens: "required" });
		assert.deepEqual(await statuses(url), V2_ONLY);
	});

	test(`C43: calls without a token are a sum, and none are zero, by ${name}`, { skip }, async () => {
		const [called, quiet] = [`C43-${index}`, `C43-quiet-${index}`];
		const url = endpointOf(await createOne(lightsail, called));
		await askWithoutToken(url, 3);
		await askWithToken(url, 2);
		await askWithToken(endpointOf(await createOne(lightsail, quiet)), 2);
		const timestamp = period.StartTime.toISOString();
		assert.deepEqual(await metric(called), { metricName: "MetadataNoToken", metricData: [{ sum: 3, timestamp, unit: "Count" }] });
		assert.deepEqual(await metric(quiet), { metricName: "MetadataNoToken", metricData: [{ sum: 0, timestamp, unit: "Count" }] });
		const fives = (await metric(called, inFiveMinutes(period))).metricData;
		assert.equal(
			fives.reduce((total, { sum = NaN }) => total + sum, 0),
			3,
		);
		assert.deepEqual([...new Set(fives.map(({ unit }) => unit))], ["Count"]);
		assert.deepEqual(await metric(called, period, "StatusCheckFailed"), { metricName: "StatusCheckFailed", metricData: [] });
	});

	test(`C43: what is rejected is no call, by ${name}`, { skip }, async () => {
		const instanceName = `C43-required-${index}`;
		const url = endpointOf(await createOne(lightsail, instanceName));
		await askWithoutToken(url, 2);
		await requireTokens(lightsail, instanceName);
		await untilApplied(lightsail, instanceName);
		await askWithoutToken(url, 4, 401);
		const timestamp = period.StartTime.toISOString();
		assert.deepEqual((await metric(instanceName)).metricData, [{ sum: 2, timestamp, unit: "Count" }]);
	});

	test(`C44: nothing is known of an unknown name, by ${name}`, { skip }, async () => {
		for (const call of [options, require, metric]) {
			await assert.rejects(call("Web-404"), (error: Error) => {
				assert.match(`${error.name} ${error.message}`, /NotFoundException/);
				assert.match(error.message, /The Instance does not exist: Web-404/);
				return true;
			});
		}
	});
}

test("C44: it is a NotFoundException with status 400", async () => {
	const input = { instanceName: "Web-404" };
	await rejectsWith(lightsail.send(new GetInstanceCommand(input)), "NotFoundException", 400);
	await rejectsWith(requireTokens(lightsail, "Web-404"), "NotFoundException", 400);
});

test("C42: while a change is pending Lightsail says so, and a request needs no token yet", async (t) => {
	const { lightsail, service } = await startApi(t, {
		configuration: `instances: [{ lightsail: { name: Web-1, blueprintId: amazon_linux_2, bundleId: nano_3_0 }, endpointListen: "127.0.0.1:0" }]`,
		flags: ["--transition-delay-ms", "600000"],
	});
	assert.equal((await requireTokens(lightsail, "Web-1")).operation?.status, "Succeeded");
	const { metadataOptions } = await instanceNamed(lightsail, "Web-1");
	assert.deepEqual(metadataOptions, { ...DEFAULTS, state: "pending", httpTokens: "required" });
	assert.deepEqual(await statuses(service.url), BOTH);
});

test("C47: CloudWatch, Lightsail and STS by the SDK for JavaScript, one client beside the other", async (t) => {
	const { ec2, cloudwatch, lightsail, sts } = await startApi(t, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });
	const { instanceId, url } = await launched(ec2);
	await askWithoutToken(url, 3);
	await askWithToken(url, 2);
	const light = endpointOf(await createOne(lightsail, "Web-1"));
	await askWithoutToken(light, 1);

	const metric = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken" };
	const Dimensions = [{ Name: "InstanceId", Value: instanceId }];
	const { Label, Datapoints = [] } = await cloudwatch.send(
		new GetMetricStatisticsCommand({ ...metric, Dimensions, ...inFiveMinutes(period), Statistics: ["Sum"] }),
	);
	assert.equal(Label, "MetadataNoToken");
	assert.equal(
		Datapoints.reduce((sum, { Sum = NaN }) => sum + Sum, 0),
		3,
	);
	assert.ok(Datapoints.every(({ Timestamp, Unit }) => Timestamp instanceof Date && Unit === "Count"));
	const { Metrics } = await cloudwatch.send(new ListMetricsCommand(metric));
	assert.deepEqual(Metrics, [{ ...metric, Dimensions }], "an instance of Lightsail has its metrics there");

	assert.equal((await requireTokens(lightsail, "Web-1")).operation?.operationType, "UpdateInstanceMetadataOptions");
	assert.equal((await untilApplied(lightsail, "Web-1")).metadataOptions?.httpTokens, "required");
	assert.deepEqual(await statuses(light), V2_ONLY);
	await rejectsWith(requireTokens(lightsail, "Web-404"), "NotFoundException");
	const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
	assert.deepEqual([Account, Arn], ["123456789012", "arn:aws:iam::123456789012:root"]);
});

function requireTokens(client: LightsailClient, instanceName: string) {
	return client.send(new UpdateInstanceMetadataOptionsCommand({ instanceName, httpTokens: "required" }));
}
