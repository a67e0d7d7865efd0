// The clients that AWS's users have of CloudWatch: each speaks one of its three protocols.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";
import type { Api, Credentials } from "../api/api.ts";
import type { Lifetime } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { aws, awsCommand, clientEnvironment } from "./aws-command.ts";
import type { AskedPeriod } from "./metrics-scene.ts";

/** What is asked of a metric of an instance. */
export interface AskedMetric extends AskedPeriod {
	readonly MetricName: string;
	readonly instanceId: string;
}

/** A data point without its time. */
export interface Point {
	readonly Sum?: number | undefined;
	readonly Unit?: string | undefined;
}

export interface MetricsClient {
	/** As a test's name ends. */
	readonly name: string;
	readonly skip: string | false;
	/** The sums of each period. */
	sums(asked: AskedMetric): Promise<readonly Point[]>;
	/** The instances that have a metric of EC2's. */
	list(metricName: string): Promise<readonly string[]>;
}

/** Every kind of client, of the account's own key. */
export function metricsClients(t: Lifetime, api: Api): readonly [MetricsClient, ...MetricsClient[]] {
	return [
		{ name: "the SDK for JavaScript in JSON", skip: false, ...withSdk(speaking(t, api.cloudwatch, "application/x-amz-json-1.0")) },
		{ name: "the SDK for JavaScript in CBOR", skip: false, ...withSdk(cborClient(t, api)) },
		{ name: "the AWS CLI in forms", skip: aws.skip, ...withCommandLine(t, api) },
		{ name: "boto3 in forms", skip: python.skip, ...withBoto3(api) },
	];
}

/** CloudWatch in CBOR, as the SDKs for Go, Java and .NET speak it: the SDK for JavaScript takes another protocol than its own, too. */
export function cborClient(t: Lifetime, { apiUrl, region, rootKey }: Api, credentials: Credentials = rootKey): CloudWatchClient {
	const protocol = new SmithyRpcV2CborProtocol({ defaultNamespace: "com.amazonaws.cloudwatch" });
	const client = new CloudWatchClient({ endpoint: apiUrl, region, credentials, maxAttempts: 1, protocol });
	t.after(() => client.destroy());
	return speaking(t, client, "application/cbor");
}

const python = requireTool("python3");

/** A client of which each answer is looked at: it must be in the protocol that the client is here for. */
function speaking(t: Lifetime, client: CloudWatchClient, contentType: string): CloudWatchClient {
	const name = "contentTypeCheck";
	client.middlewareStack.add(
		(next) => async (args) => {
			const result = await next(args);
			const { headers } = result.response as { readonly headers: Readonly<Record<string, string>> };
			assert.equal(headers["content-type"], contentType);
			return result;
		},
		// Behind what reads the answer: it sees the answer first.
		{ step: "deserialize", priority: "low", name },
	);
	t.after(() => void client.middlewareStack.remove(name));
	return client;
}

function withSdk(client: CloudWatchClient): Pick<MetricsClient, "sums" | "list"> {
	return {
		async sums({ instanceId, ...asked }) {
			const input = { Namespace: "AWS/EC2", ...asked, Dimensions: dimensions(instanceId), Statistics: ["Sum" as const] };
			const { Label, Datapoints = [] } = await client.send(new GetMetricStatisticsCommand(input));
			assert.equal(Label, asked.MetricName);
			return Datapoints.map(({ Timestamp, ...point }) => {
				assert.ok(Timestamp instanceof Date);
				return point;
			});
		},
		async list(MetricName) {
			const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: "AWS/EC2", MetricName }));
			return Metrics.map((metric) => {
				const [{ Value = "" } = {}] = metric.Dimensions ?? [];
				assert.deepEqual(metric, { Namespace: "AWS/EC2", MetricName, Dimensions: dimensions(Value) });
				return Value;
			});
		},
	};
}

function withCommandLine(t: Lifetime, api: Api): Pick<MetricsClient, "sums" | "list"> {
	const command = awsCommand(t, api);
	return {
		async sums({ instanceId, MetricName, StartTime, EndTime, Period }) {
			const metric = `--namespace AWS/EC2 --metric-name ${MetricName} --dimensions Name=InstanceId,Value=${instanceId}`;
			const time = `--start-time ${StartTime.toISOString()} --end-time ${EndTime.toISOString()} --period ${Period}`;
			const { Label, Datapoints } = await command<{ Label: string; Datapoints: Point[] }>(
				`cloudwatch get-metric-statistics ${metric} ${time} --statistics Sum`,
			);
			assert.equal(Label, MetricName);
			return Datapoints.map(({ Sum, Unit }) => ({ Sum, Unit }));
		},
		list: (metricName) =>
			command(
				`cloudwatch list-metrics --namespace AWS/EC2 --metric-name ${metricName} --query Metrics[].Dimensions[?Name=='InstanceId'].Value[]`,
			),
	};
}

const SCRIPT = `
import boto3, json, sys
# Debian's boto3 is older than AWS_ENDPOINT_URL.
cloudwatch = boto3.client('cloudwatch', endpoint_url=sys.argv[1])
answer = getattr(cloudwatch, sys.argv[2])(**json.loads(sys.argv[3]))
print(json.dumps(answer, default=str))
`;

function withBoto3({ apiUrl, region, rootKey }: Api): Pick<MetricsClient, "sums" | "list"> {
	const call = async <T>(method: string, input: object): Promise<T> => {
		const env = clientEnvironment(region, rootKey);
		const { stdout } = await promisify(execFile)(python.path, ["-c", SCRIPT, apiUrl, method, JSON.stringify(input)], { env });
		return JSON.parse(stdout) as T;
	};
	return {
		async sums({ instanceId, ...asked }) {
			const input = { Namespace: "AWS/EC2", ...asked, Dimensions: dimensions(instanceId), Statistics: ["Sum"] };
			const { Datapoints } = await call<{ Datapoints: Point[] }>("get_metric_statistics", input);
			return Datapoints.map(({ Sum, Unit }) => ({ Sum, Unit }));
		},
		async list(MetricName) {
			const { Metrics } = await call<{ Metrics: { Dimensions: { Value: string }[] }[] }>("list_metrics", {
				Namespace: "AWS/EC2",
				MetricName,
			});
			return Metrics.map(({ Dimensions }) => Dimensions[0]?.Value ?? "");
		},
	};
}

function dimensions(instanceId: string) {
	return [{ Name: "InstanceId", Value: instanceId }];
}
