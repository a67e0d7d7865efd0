import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	DeleteAlarmsCommand,
	DescribeAlarmsCommand,
	DescribeAlarmsForMetricCommand,
	type DescribeAlarmsCommandInput,
	type MetricAlarm,
	PutMetricAlarmCommand,
	type PutMetricAlarmCommandInput,
	SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { rejectsWith, startApi } from "./api.ts";
import { newUser, policies, policy } from "./iam-documents.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:fleet";
const DIMENSIONS = [{ Name: "InstanceId", Value: "i-0123456789abcdef0" }];

const api = await startApi({ after });
const { cloudwatch } = api;

/** "No call without a token for three periods". */
const ALARM = {
	AlarmName: "v1-is-gone",
	Namespace: "AWS/EC2",
	MetricName: "MetadataNoToken",
	Dimensions: DIMENSIONS,
	Statistic: "Sum",
	Period: 300,
	EvaluationPeriods: 3,
	Threshold: 0,
	ComparisonOperator: "LessThanOrEqualToThreshold",
} satisfies PutMetricAlarmCommandInput;

function put(more: Partial<PutMetricAlarmCommandInput> = {}) {
	return cloudwatch.send(new PutMetricAlarmCommand({ ...ALARM, ...more }));
}

async function described(input: DescribeAlarmsCommandInput = {}): Promise<readonly MetricAlarm[]> {
	return (await cloudwatch.send(new DescribeAlarmsCommand(input))).MetricAlarms ?? [];
}

async function names(input: DescribeAlarmsCommandInput = {}): Promise<readonly string[]> {
	return (await described(input)).map(({ AlarmName = "" }) => AlarmName);
}

/** What is left of the alarms of other tests is no test's business. */
async function withoutAlarms(): Promise<void> {
	const AlarmNames = [...(await names())];
	if (AlarmNames.length > 0) await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames }));
}

test("an alarm is shown as it was put, with INSUFFICIENT_DATA at first", async () => {
	await withoutAlarms();
	await put({ AlarmDescription: "safe to require tokens", AlarmActions: [TOPIC], TreatMissingData: "ignore", DatapointsToAlarm: 2 });
	const [alarm, ...others] = await described();
	assert.deepEqual(others, []);
	const { AlarmConfigurationUpdatedTimestamp, StateUpdatedTimestamp, StateTransitionedTimestamp, AlarmArn, ...rest } = alarm!;
	assert.match(AlarmArn!, /^arn:aws:cloudwatch:us-east-1:\d{12}:alarm:v1-is-gone$/);
	assert.equal(StateUpdatedTimestamp?.getTime(), AlarmConfigurationUpdatedTimestamp?.getTime());
	assert.equal(StateTransitionedTimestamp?.getTime(), AlarmConfigurationUpdatedTimestamp?.getTime());
	assert.deepEqual(rest, {
		...ALARM,
		AlarmDescription: "safe to require tokens",
		ActionsEnabled: true,
		AlarmActions: [TOPIC],
		OKActions: [],
		InsufficientDataActions: [],
		TreatMissingData: "ignore",
		DatapointsToAlarm: 2,
		StateValue: "INSUFFICIENT_DATA",
		StateReason: "Unchecked: Initial alarm creation",
	});
});

test("an alarm that is put again keeps its state, and nothing of what it was before", async () => {
	await withoutAlarms();
	await put({ AlarmDescription: "first", TreatMissingData: "breaching" });
	await cloudwatch.send(
		new SetAlarmStateCommand({ AlarmName: "v1-is-gone", StateValue: "OK", StateReason: "a test", StateReasonData: '{"by":"hand"}' }),
	);
	await put({ Threshold: 7 });
	const [alarm] = await described();
	assert.deepEqual(
		[alarm?.StateValue, alarm?.StateReason, alarm?.StateReasonData, alarm?.Threshold, alarm?.AlarmDescription, alarm?.TreatMissingData],
		["OK", "a test", '{"by":"hand"}', 7, undefined, undefined],
	);
});

test("names are any characters but control characters, as long as 255", async () => {
	await withoutAlarms();
	const odd = ["a/b c:*?", "ÄÖÜ 😀 日本", "x".repeat(255), "😀".repeat(127), "=41", "A"];
	for (const AlarmName of odd) await put({ AlarmName });
	assert.deepEqual([...(await names())].sort(), odd.toSorted());
	assert.deepEqual(await names({ AlarmNames: ["A", "ÄÖÜ 😀 日本", "none"] }), ["A", "ÄÖÜ 😀 日本"]);
	await rejectsWith(put({ AlarmName: "x".repeat(256) }), "ValidationException");
	await rejectsWith(put({ AlarmName: "" }), "ValidationException");
	await rejectsWith(put({ AlarmName: "a\nb" }), "ValidationException");
});

test("alarms are found by name, prefix, state and action, page by page", async () => {
	await withoutAlarms();
	for (const AlarmName of ["a1", "a2", "a3", "b1"]) await put({ AlarmName, ...(AlarmName === "a2" && { OKActions: [TOPIC] }) });
	await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: "a3", StateValue: "ALARM", StateReason: "a test" }));
	assert.deepEqual(await names({ AlarmNamePrefix: "a" }), ["a1", "a2", "a3"]);
	assert.deepEqual(await names({ StateValue: "ALARM" }), ["a3"]);
	assert.deepEqual(await names({ ActionPrefix: "arn:aws:sns:" }), ["a2"]);
	assert.deepEqual(await names({ AlarmTypes: ["CompositeAlarm"] }), []);
	assert.deepEqual(await names({ ParentsOfAlarmName: "a1" }), []);
	const page = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: "a", MaxRecords: 2 }));
	assert.equal(page.MetricAlarms?.length, 2);
	const { NextToken = "" } = page;
	assert.deepEqual(await names({ AlarmNamePrefix: "a", MaxRecords: 1, NextToken }), ["a3"]);
	await rejectsWith(described({ AlarmNamePrefix: "b", NextToken }), "InvalidNextToken");
	await rejectsWith(described({ AlarmNames: ["a1"], AlarmNamePrefix: "a" }), "ValidationException");
	await rejectsWith(described({ MaxRecords: 101 }), "ValidationException");
	await rejectsWith(described({ ParentsOfAlarmName: "a1", StateValue: "OK" }), "ValidationException");
});

test("the alarms of a metric are those on the metric itself", async () => {
	await withoutAlarms();
	await put({ AlarmName: "sum" });
	await put({ AlarmName: "maximum", Statistic: "Maximum", Period: 60 });
	await put({ AlarmName: "other", Dimensions: [{ Name: "InstanceId", Value: "i-2" }] });
	const of = async (more: object = {}) => {
		const input = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: DIMENSIONS, ...more };
		return (await cloudwatch.send(new DescribeAlarmsForMetricCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
	};
	assert.deepEqual(await of(), ["maximum", "sum"]);
	assert.deepEqual(await of({ Statistic: "Maximum" }), ["maximum"]);
	assert.deepEqual(await of({ Period: 300 }), ["sum"]);
	assert.deepEqual(await of({ Dimensions: [] }), []);
	await rejectsWith(of({ Period: 61 }), "InvalidParameterValueException");
});

test("an alarm on metric math is kept with its queries", async () => {
	await withoutAlarms();
	const metric = (Id: string) => ({
		Id,
		ReturnData: false,
		MetricStat: { Metric: { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: DIMENSIONS }, Period: 60, Stat: "Sum" },
	});
	const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = ALARM;
	const putMath = (...Metrics: NonNullable<PutMetricAlarmCommandInput["Metrics"]>) =>
		cloudwatch.send(new PutMetricAlarmCommand({ ...rest, Metrics }));
	const queries = [metric("m1"), metric("m2"), { Id: "e1", Expression: "SUM(METRICS())", Label: "all" }];
	await putMath(...queries);
	const [alarm] = await described();
	assert.deepEqual([alarm?.Metrics, alarm?.MetricName, alarm?.Period], [queries, undefined, undefined]);

	const messages = [
		await rejectsWith(putMath({ ...metric("m1"), ReturnData: true }, { Id: "e1", Expression: "m1" }), "ValidationException"),
		await rejectsWith(putMath(metric("m1"), { Id: "e1", Expression: "METRICS()" }), "ValidationException"),
		await rejectsWith(
			putMath(metric("m1"), { Id: "e1", Expression: `SUM(SEARCH('{AWS/EC2,InstanceId}', 'Sum', 60))` }),
			"ValidationException",
		),
		await rejectsWith(putMath(metric("m1"), { Id: "e1", Expression: "m1+m9" }), "ValidationException"),
		await rejectsWith(putMath(metric("m1"), { Id: "e1", Expression: "AVG(m1)" }), "ValidationException"),
		await rejectsWith(put({ Metrics: queries }), "ValidationException"),
	];
	assert.deepEqual(messages, [
		"Exactly one element of the metrics list should return data.",
		"The expression 'e1' comes to several time series, and an alarm watches one. SUM makes one of them.",
		"SEARCH is not supported on Metric Alarms.",
		"Error in expression 'e1': no query has the id 'm9'",
		"Error in expression 'e1': its result is a number; it must be a time series or an array of them. TIME_SERIES makes one of a number",
		"Scalar metric parameters must not be set if list of Metrics is set.",
	]);
});

test("alarms that AWS refuses are refused in its words, and of others it is said that they are not here", async () => {
	await withoutAlarms();
	const refused: readonly (readonly [Partial<PutMetricAlarmCommandInput>, RegExp])[] = [
		[{ DatapointsToAlarm: 4 }, /^DatapointsToAlarm must be less than or equal to EvaluationPeriods$/],
		[{ EvaluationPeriods: 0 }, /'evaluationPeriods' failed to satisfy constraint: Member must have value greater than or equal to 1/],
		[{ EvaluationPeriods: undefined }, /EvaluationPeriods/],
		[{ Period: 61 }, /^Period must be 10, 20, 30 or a multiple of 60$/],
		[
			{ Period: 300, EvaluationPeriods: 289 },
			/^Metrics cannot be checked across more than a day \(EvaluationPeriods \* Period must be <= 86400\)/,
		],
		[{ Period: 86_400, EvaluationPeriods: 8 }, /^Metrics cannot be checked across more than a week/],
		[{ Threshold: undefined }, /Threshold/],
		[{ ComparisonOperator: undefined }, /ComparisonOperator/],
		[{ ComparisonOperator: "GreaterThanUpperThreshold" }, /anomaly detection, which OpenIMDS does not have/],
		[{ ThresholdMetricId: "t1" }, /anomaly detection/],
		[{ TreatMissingData: "perhaps" }, /^Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing\.$/],
		[{ ExtendedStatistic: "p99" }, /both Statistic and ExtendedStatistic/],
		[{ Statistic: undefined }, /should have a Statistic parameter/],
		[{ Statistic: undefined, ExtendedStatistic: "tm90" }, /The value tm90 for parameter ExtendedStatistic is not supported/],
		[{ MetricName: undefined }, /^MetricName must not be null$/],
		[{ AlarmActions: ["not an arn"] }, /^Invalid arn syntax: not an arn$/],
		[{ AlarmActions: Array.from({ length: 6 }, () => TOPIC) }, /alarmActions/],
		[{ EvaluationInterval: 60 }, /PromQL/],
		[{ WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 } }, /WarmUpConfiguration is not supported/],
		[{ EvaluationWindow: { WallClockWindow: { Timezone: "Europe/Berlin" } } }, /UTC/],
	];
	for (const [more, message] of refused) assert.match(await rejectsWith(put(more), "ValidationException"), message);
	assert.deepEqual(await names(), []);
});

test("an alarm's state is set by hand, with a reason", async () => {
	await withoutAlarms();
	await put();
	const set = (more: object = {}) =>
		cloudwatch.send(new SetAlarmStateCommand({ AlarmName: "v1-is-gone", StateValue: "ALARM", StateReason: "a test", ...more }));
	await set();
	const [alarm] = await described();
	assert.deepEqual([alarm?.StateValue, alarm?.StateReason, alarm?.StateReasonData], ["ALARM", "a test", undefined]);
	await rejectsWith(set({ AlarmName: "none" }), "ResourceNotFound", 404);
	await rejectsWith(set({ StateReasonData: "{" }), "InvalidFormatFault");
	await rejectsWith(set({ StateReason: "x".repeat(1_024) }), "ValidationException");
	await rejectsWith(set({ StateValue: "GONE" }), "ValidationException");
});

test("alarms that don't exist are deleted without a word", async () => {
	await withoutAlarms();
	await put();
	await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["none", "v1-is-gone"] }));
	assert.deepEqual(await names(), []);
	await rejectsWith(
		cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: Array.from({ length: 101 }, (_, index) => `a${index}`) })),
		"ValidationException",
	);
});

test("policies allow alarms by their ARNs and tags, and tagging by an action of its own", async () => {
	await withoutAlarms();
	const allow = (action: string, rest: object) => policy("Allow", `cloudwatch:${action}`, rest);
	const alarms = "arn:aws:cloudwatch:us-east-1:*:alarm:";
	const mine = await newUser(api, "alarms", {
		document: policies(...["PutMetricAlarm", "DescribeAlarms"].map((action) => allow(action, { Resource: `${alarms}team-*` }))),
	});
	const putAs = (more: Partial<PutMetricAlarmCommandInput>) => mine.cloudwatch.send(new PutMetricAlarmCommand({ ...ALARM, ...more }));
	await putAs({ AlarmName: "team-1" });
	await rejectsWith(putAs({ AlarmName: "other" }), "AccessDenied", 403);
	await rejectsWith(putAs({ AlarmName: "team-2", Tags: [{ Key: "team", Value: "a" }] }), "AccessDenied", 403);
	await mine.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["team-1"] }));
	await rejectsWith(mine.cloudwatch.send(new DescribeAlarmsCommand({})), "AccessDenied", 403);

	await put({ AlarmName: "tagged", Tags: [{ Key: "team", Value: "a" }] });
	const condition = { Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/team": "a" } } };
	const tagged = await newUser(api, "tagged", { document: allow("DeleteAlarms", condition) });
	await rejectsWith(tagged.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["team-1"] })), "AccessDenied", 403);
	await tagged.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["tagged"] }));
	assert.deepEqual(await names(), ["team-1"]);
});
