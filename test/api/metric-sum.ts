import { type CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";

const HOUR_MS = 3_600_000;

/** What CloudWatch says a metric of an instance came to in the last hour, up to now. */
export async function sumOf(cloudwatch: CloudWatchClient, instanceId: string, MetricName: string): Promise<number> {
	const nowMs = Date.now();
	const { Datapoints = [] } = await cloudwatch.send(
		new GetMetricStatisticsCommand({
			Namespace: "AWS/EC2",
			MetricName,
			Dimensions: [{ Name: "InstanceId", Value: instanceId }],
			Statistics: ["Sum"],
			Period: 60,
			StartTime: new Date(nowMs - HOUR_MS),
			// The minute that has begun, too.
			EndTime: new Date(nowMs + 120_000),
		}),
	);
	return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
