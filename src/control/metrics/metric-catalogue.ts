// The metrics that there are: one table, by which they are found by name, and listed.

import type { Instance } from "../../model/instance.ts";
import type { ListedInstance, MetricOfInstance } from "../../observe/metric-reader.ts";
import { REQUEST_VERSIONS, seriesOf, STATUSES } from "../../observe/request-series.ts";

/** A metric as AWS names one. */
export interface MetricIdentity {
	readonly Namespace: string;
	readonly MetricName: string;
	readonly Dimensions: readonly MetricDimension[];
}

interface MetricDimension {
	readonly Name: string;
	readonly Value: string;
}

/** AWS: the unit of both metrics (EC2 guide, "CloudWatch metrics for your instances"); ours count requests, too. */
export const METRIC_UNIT = "Count";

/** Metrics that every instance has. */
interface MetricKind {
	readonly namespace: string;
	readonly metricName: string;
	/** Beside InstanceId. */
	readonly dimensions: readonly MetricDimension[];
	readonly series: readonly number[];
	readonly zeros: MetricOfInstance["zeros"];
}

const EC2_NAMESPACE = "AWS/EC2";
/** AWS: has none such. It says more than the two metrics of EC2: also how many calls come with tokens, and what they are answered. */
const OWN_NAMESPACE = "OpenIMDS";

const KINDS: readonly MetricKind[] = [
	{ namespace: EC2_NAMESPACE, metricName: "MetadataNoToken", dimensions: [], series: [seriesOf("v1", 200)], zeros: "while-optional" },
	{ namespace: EC2_NAMESPACE, metricName: "MetadataNoTokenRejected", dimensions: [], series: [seriesOf("v1", 401)], zeros: "never" },
	{ namespace: OWN_NAMESPACE, metricName: "TokensIssued", dimensions: [], series: [seriesOf("token", 200)], zeros: "while-running" },
	...REQUEST_VERSIONS.flatMap((version) =>
		STATUSES.map((status): MetricKind => {
			const dimensions = [
				{ Name: "Version", Value: version },
				{ Name: "Status", Value: String(status) },
			];
			return { namespace: OWN_NAMESPACE, metricName: "Requests", dimensions, series: [seriesOf(version, status)], zeros: "never" };
		}),
	),
];

const KINDS_BY_NAME = new Map(KINDS.map((kind) => [nameOf(kind.namespace, kind.metricName, kind.dimensions), kind]));

/** The metric of a name; `undefined` where there is none, which for AWS is a metric without data. */
export function metricOf(
	{ Namespace, MetricName, Dimensions }: MetricIdentity,
	instances: ReadonlyMap<string, Instance>,
): MetricOfInstance | undefined {
	const at = Dimensions.findIndex(({ Name }) => Name === "InstanceId");
	if (at < 0) return undefined;
	const instanceId = Dimensions[at]!.Value;
	// A name that stands there twice is still there, and no metric has it.
	const kind = KINDS_BY_NAME.get(nameOf(Namespace, MetricName, Dimensions.toSpliced(at, 1)));
	return kind && isOf(kind, instances.get(instanceId)) ? metricOfKind(kind, instanceId, instances) : undefined;
}

/** A metric that has data, by its name and as it is read. */
export interface FoundMetric {
	readonly identity: MetricIdentity;
	readonly metric: MetricOfInstance;
}

/** The metrics of instances of which something is known, in the order of namespaces, names and instances. */
export function metricsWithData(listed: readonly ListedInstance[], instances: ReadonlyMap<string, Instance>): readonly FoundMetric[] {
	const sorted = listed.toSorted((one, other) => (one.instanceId < other.instanceId ? -1 : 1));
	return KINDS.flatMap((kind) =>
		sorted
			.filter((instance) => hasData(kind, instance) && isOf(kind, instances.get(instance.instanceId)))
			.map(({ instanceId }) => ({ identity: identityOf(kind, instanceId), metric: metricOfKind(kind, instanceId, instances) })),
	);
}

/** What a metric's dimension says; `undefined` where it has none of the name. */
export function dimensionOf({ Dimensions }: MetricIdentity, name: string): string | undefined {
	return Dimensions.find(({ Name }) => Name === name)?.Value;
}

/** AWS: EC2's metrics are those of its own instances; a Lightsail instance has its metrics there. */
function isOf({ namespace }: MetricKind, instance: Instance | undefined): boolean {
	return namespace !== EC2_NAMESPACE || instance?.lightsail === undefined;
}

function hasData({ series, zeros }: MetricKind, instance: ListedInstance): boolean {
	if (zeros === "while-optional" && instance.ranOptional) return true;
	if (zeros === "while-running" && instance.ran) return true;
	return series.some((each) => instance.series.includes(each));
}

function metricOfKind({ series, zeros }: MetricKind, instanceId: string, instances: ReadonlyMap<string, Instance>): MetricOfInstance {
	return { instanceId, series, zeros, sampleMinutes: instances.get(instanceId)?.monitoring === "enabled" ? 1 : 5 };
}

function identityOf({ namespace, metricName, dimensions }: MetricKind, instanceId: string): MetricIdentity {
	return { Namespace: namespace, MetricName: metricName, Dimensions: [{ Name: "InstanceId", Value: instanceId }, ...dimensions] };
}

function nameOf(namespace: string, metricName: string, dimensions: readonly MetricDimension[]): string {
	return JSON.stringify([namespace, metricName, ...dimensions.map(({ Name, Value }) => JSON.stringify([Name, Value])).sort()]);
}
