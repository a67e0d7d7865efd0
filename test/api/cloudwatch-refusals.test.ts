// Bad input to the operations on metrics, by the SDK.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	GetMetricDataCommand,
	GetMetricStatisticsCommand,
	type GetMetricStatisticsCommandInput,
	ListMetricsCommand,
	PutMetricDataCommand,
	type PutMetricDataCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { rejectsWith, startApi } from "./api.ts";
import { newUser, policy } from "./iam-documents.ts";

const api = await startApi({ after });
const { cloudwatch } = api;

const HOUR = 3_600_000;

function statistics(more: Partial<GetMetricStatisticsCommandInput>) {
	const StartTime = new Date(Date.now() - HOUR);
	const input = {
		Namespace: "AWS/EC2",
		MetricName: "MetadataNoToken",
		StartTime,
		EndTime: new Date(),
		Period: 60,
		Statistics: ["Sum" as const],
	};
	return cloudwatch.send(new GetMetricStatisticsCommand({ ...input, ...more }));
}

function putData(more: Partial<PutMetricDataCommandInput>) {
	return cloudwatch.send(new PutMetricDataCommand({ Namespace: "Custom", MetricData: [{ MetricName: "m", Value: 1 }], ...more }));
}

test("GetMetricStatistics refuses with AWS's codes", async () => {
	const code = "InvalidParameterCombinationException";
	assert.equal(
		await rejectsWith(statistics({ Statistics: undefined }), code),
		"At least one of the parameters Statistics and ExtendedStatistics must be specified.",
	);
	assert.match(
		await rejectsWith(statistics({ StartTime: new Date(Date.now() - 25 * HOUR) }), code),
		/^You have requested up to 1,50[01] datapoints/,
	);
	await rejectsWith(statistics({ ExtendedStatistics: ["p99"] }), code);
	await rejectsWith(statistics({ Period: 61 }), "InvalidParameterValueException");
	await rejectsWith(statistics({ StartTime: new Date(Date.now() + HOUR) }), "InvalidParameterValueException");
	await rejectsWith(statistics({ Statistics: undefined, ExtendedStatistics: ["p101"] }), "InvalidParameterValueException");
	await rejectsWith(statistics({ Statistics: ["Median" as never] }), "ValidationException");
});

test("tokens of nobody are refused", async () => {
	await rejectsWith(cloudwatch.send(new ListMetricsCommand({ NextToken: "x" })), "InvalidNextToken");
	const Metric = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken" };
	const MetricDataQueries = [{ Id: "m1", MetricStat: { Metric, Period: 60, Stat: "Sum" } }];
	const times = { StartTime: new Date(Date.now() - HOUR), EndTime: new Date() };
	await rejectsWith(cloudwatch.send(new GetMetricDataCommand({ MetricDataQueries, ...times, NextToken: "x" })), "InvalidNextToken");
	await rejectsWith(cloudwatch.send(new ListMetricsCommand({ RecentlyActive: "PT4H" as never })), "ValidationException");
});

test("GetMetricData names the expression that it can't read", async () => {
	const MetricDataQueries = [{ Id: "e1", Expression: "ANOMALY_DETECTION_BAND(e1)" }];
	const input = { MetricDataQueries, StartTime: new Date(Date.now() - HOUR), EndTime: new Date() };
	const message = await rejectsWith(cloudwatch.send(new GetMetricDataCommand(input)), "ValidationException");
	assert.match(message, /^Error in expression 'e1': it refers to 'e1'/);
});

test("PutMetricData is looked at, and taken from nobody", async () => {
	const value = "InvalidParameterValueException";
	assert.equal(await rejectsWith(putData({ Namespace: "AWS/EC2" }), value), "The value AWS/ for parameter Namespace is invalid.");
	assert.match(await rejectsWith(putData({}), value), /^The value Custom for parameter Namespace is invalid\. OpenIMDS counts/);
	await rejectsWith(putData({ MetricData: [] }), "MissingRequiredParameterException");
	await rejectsWith(putData({ MetricData: [{ MetricName: "m" }] }), "InvalidParameterCombinationException");
	await rejectsWith(putData({ MetricData: [{ MetricName: "m", Value: 1, Values: [1] }] }), "InvalidParameterCombinationException");
	await rejectsWith(putData({ MetricData: [{ MetricName: "m", Values: [1], Counts: [1, 2] }] }), value);
	await rejectsWith(putData({ MetricData: [{ MetricName: "m", Value: 2 ** 361 }] }), value);
});

test("metrics are read by whoever is allowed to, and put by namespace", async () => {
	const reader = await newUser(api, "reader", { document: policy("Allow", "cloudwatch:ListMetrics") });
	await reader.cloudwatch.send(new ListMetricsCommand({}));
	const input = { MetricDataQueries: [{ Id: "e1", Expression: "TIME_SERIES(1)" }], StartTime: new Date(0), EndTime: new Date() };
	await rejectsWith(reader.cloudwatch.send(new GetMetricDataCommand(input)), "AccessDenied", 403);
	const Condition = { StringEquals: { "cloudwatch:namespace": "Custom" } };
	const writer = await newUser(api, "writer", { document: policy("Allow", "cloudwatch:PutMetricData", { Resource: "*", Condition }) });
	const put = (Namespace: string) =>
		writer.cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: "m", Value: 1 }] }));
	await rejectsWith(put("Custom"), "InvalidParameterValueException");
	await rejectsWith(put("Other"), "AccessDenied", 403);
});
