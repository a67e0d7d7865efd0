// Who may ask which service for what: one action of each is allowed, and all others are refused in the words of its protocol.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	type CloudWatchClient,
	DeleteAlarmsCommand,
	DescribeAlarmsCommand,
	GetMetricDataCommand,
	GetMetricStatisticsCommand,
	ListMetricsCommand,
	PutMetricAlarmCommand,
	PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { DescribeImagesCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ListRolesCommand, ListUsersCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetInstancesCommand, GetRegionsCommand } from "@aws-sdk/client-lightsail";
import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import { type Credentials, rejectsWith, startApi } from "../api/api.ts";
import { newKey } from "../api/iam-documents.ts";
import { send, signed } from "../api/signed-request.ts";
import { aws, awsCommand } from "./aws-command.ts";
import { cborClient } from "./cloudwatch-clients.ts";
import { P5, policy, userWith } from "./control-policies.ts";
import { CONFIGURATION, credentialsOfV1, credentialsOfV2, launched } from "./control-scene.ts";
import { askWithToken, onePeriod } from "./metrics-scene.ts";

const api = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });
const ACCOUNT = "123456789012";
const period = onePeriod();

const sumOf = (instanceId: string) =>
	new GetMetricStatisticsCommand({
		Namespace: "AWS/EC2",
		MetricName: "MetadataNoToken",
		Dimensions: [{ Name: "InstanceId", Value: instanceId }],
		...period,
		Statistics: ["Sum"],
	});

const alarm = (AlarmName: string) =>
	new PutMetricAlarmCommand({
		AlarmName,
		Namespace: "AWS/EC2",
		MetricName: "MetadataNoToken",
		Dimensions: [{ Name: "InstanceId", Value: "i-1234567890abcdef0" }],
		Statistic: "Sum",
		Period: 300,
		EvaluationPeriods: 1,
		Threshold: 0,
		ComparisonOperator: "GreaterThanThreshold",
	});

const allow = (Action: string, Resource = "*") => ({ Effect: "Allow", Action, Resource });

test("a user who may call one action of each service is refused the others, each in its service's words", async () => {
	const user = await userWith(
		api,
		"one-of-each",
		...[
			"ec2:DescribeInstances",
			"iam:ListUsers",
			"sts:DecodeAuthorizationMessage",
			"cloudwatch:GetMetricStatistics",
			"lightsail:GetInstances",
		].map((action) => allow(action)),
	);
	await user.ec2.send(new DescribeInstancesCommand({}));
	await user.iam.send(new ListUsersCommand({}));
	// Allowed, so that it comes to look at the message.
	const decode = user.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "AAAA" }));
	await rejectsWith(decode, "InvalidAuthorizationMessageException");
	await user.cloudwatch.send(sumOf("i-1234567890abcdef0"));
	await user.lightsail.send(new GetInstancesCommand({}));

	await refused(user.ec2.send(new DescribeImagesCommand({})), "ec2:DescribeImages", "UnauthorizedOperation");
	await refused(user.iam.send(new ListRolesCommand({})), "iam:ListRoles", "AccessDenied");
	await refused(user.cloudwatch.send(new ListMetricsCommand({})), "cloudwatch:ListMetrics", "AccessDenied");
	await refused(user.lightsail.send(new GetRegionsCommand({})), "lightsail:GetRegions", "AccessDeniedException", 400);
	const { sts } = await userWith(api, "none");
	const denied = sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "AAAA" }));
	await refused(denied, "sts:DecodeAuthorizationMessage", "AccessDenied");
});

test("a user of cloudwatch:GetMetricStatistics alone may neither list, nor read otherwise, nor set alarms", async () => {
	const { cloudwatch } = await userWith(api, "statistics-only", allow("cloudwatch:GetMetricStatistics"));
	await cloudwatch.send(sumOf("i-1234567890abcdef0"));
	const { StartTime, EndTime } = period;
	const MetricDataQueries = [{ Id: "a", Expression: "SUM([1])" }];
	for (const [action, call] of [
		["ListMetrics", () => cloudwatch.send(new ListMetricsCommand({}))],
		["GetMetricData", () => cloudwatch.send(new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }))],
		["PutMetricAlarm", () => cloudwatch.send(alarm("a"))],
		["DescribeAlarms", () => cloudwatch.send(new DescribeAlarmsCommand({}))],
		["DeleteAlarms", () => cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["a"] }))],
		["PutMetricData", () => cloudwatch.send(new PutMetricDataCommand({ Namespace: "Mine", MetricData: [{ MetricName: "M", Value: 1 }] }))],
	] as const) {
		await refused(call(), `cloudwatch:${action}`, "AccessDenied");
	}
});

test("alarms are allowed by their ARNs", async () => {
	const arn = `arn:aws:cloudwatch:${api.region}:${ACCOUNT}:alarm:team-*`;
	const { cloudwatch } = await userWith(api, "alarms", allow("cloudwatch:PutMetricAlarm", arn), allow("cloudwatch:DeleteAlarms", arn));
	await cloudwatch.send(alarm("team-a"));
	await refused(cloudwatch.send(alarm("other")), "cloudwatch:PutMetricAlarm", "AccessDenied");
	const both = cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["team-a", "other"] }));
	await refused(both, "cloudwatch:DeleteAlarms", "AccessDenied");
	const { MetricAlarms = [] } = await api.cloudwatch.send(new DescribeAlarmsCommand({}));
	assert.deepEqual(
		MetricAlarms.map(({ AlarmName }) => AlarmName),
		["team-a"],
	);
	await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["team-a"] }));
});

test("credentials that an instance got with a token read its own metric; under P5 those that it got without one don't", async (t) => {
	const statements = policy(allow("cloudwatch:GetMetricStatistics"), P5);
	await api.iam.send(new PutRolePolicyCommand({ RoleName: "web-role", PolicyName: "policy", PolicyDocument: statements }));
	const { instanceId, url } = await launched(api.ec2, { IamInstanceProfile: { Name: "web-role" } });
	await askWithToken(url, 1);
	const withV1 = await credentialsOfV1(url, "web-role");
	const withV2 = await credentialsOfV2(url);
	const session = `arn:aws:sts::${ACCOUNT}:assumed-role/web-role/${instanceId}`;

	const clients = (credentials: Credentials): readonly CloudWatchClient[] => [
		api.as(credentials).cloudwatch,
		cborClient(t, api, credentials),
	];
	for (const client of clients(withV2)) {
		const { Datapoints = [] } = await client.send(sumOf(instanceId));
		assert.deepEqual(
			Datapoints.map(({ Sum }) => Sum),
			[1],
			"the credentials themselves, once, without a token",
		);
	}
	await refused(api.as(withV2).cloudwatch.send(new ListMetricsCommand({})), "cloudwatch:ListMetrics", "AccessDenied");
	for (const client of clients(withV1)) {
		await assert.rejects(client.send(sumOf(instanceId)), (error: Error & { $metadata: { httpStatusCode: number } }) => {
			assert.equal(error.$metadata.httpStatusCode, 403);
			assert.ok(error.message.startsWith(`User: ${session} is not authorized to perform: cloudwatch:GetMetricStatistics `), error.message);
			assert.match(error.message, / with an explicit deny in an identity-based policy/);
			return true;
		});
	}
});

test("a refusal in a form of the Query protocol is one for the AWS CLI", { skip: aws.skip }, async (t) => {
	await userWith(api, "by-command-line");
	const command = awsCommand(t, api, await newKey(api.iam, "by-command-line"));
	const user = `User: arn:aws:iam::${ACCOUNT}:user/by-command-line is not authorized to perform`;
	await assert.rejects(
		command("cloudwatch list-metrics"),
		new RegExp(`\\(AccessDenied\\) when calling the ListMetrics operation: ${user}: cloudwatch:ListMetrics`),
	);
	await assert.rejects(
		command("lightsail get-instances"),
		new RegExp(`\\(AccessDeniedException\\) when calling the GetInstances operation: ${user}: lightsail:GetInstances`),
	);
});

test("OpenIMDS's own service asks for its own actions", async () => {
	await userWith(api, "callers", allow("openimds:ListV1Callers"));
	const credentials = await newKey(api.iam, "callers");
	const call = async (operation: string) => {
		const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `OpenIMDS_20261122.${operation}` };
		const { status, body } = await send(api, await signed(api, { service: "openimds", credentials, headers, body: "{}" }));
		return { status, answer: JSON.parse(body) as Record<string, unknown> };
	};
	const { status, answer } = await call("ListV1Callers");
	assert.deepEqual([status, Array.isArray(answer["callers"])], [200, true]);
	for (const operation of ["DescribeTransition", "PlanTransition", "StartTransition", "RollBackTransition"]) {
		const { status, answer } = await call(operation);
		assert.deepEqual([status, answer["__type"]], [400, "AccessDeniedException"], operation);
		assert.match(String(answer["message"]), new RegExp(`user/callers is not authorized to perform: openimds:${operation}`));
	}
});

/** Passes if a call is refused because nothing allows an action. */
async function refused(call: Promise<unknown>, action: string, code: string, status = 403): Promise<void> {
	const message = await rejectsWith(call, code, status);
	const reason = `because no identity-based policy allows the ${action} action`;
	assert.match(message, new RegExp(`is not authorized to perform: ${action}(?: on resource: \\S+)? ${reason}`));
}
