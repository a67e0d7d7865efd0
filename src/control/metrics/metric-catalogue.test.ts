import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../../model/instance.ts";
import { seriesOf } from "../../observe/request-series.ts";
import { metricOf, metricsWithData } from "./metric-catalogue.ts";

const LISTED = { series: [], ran: false, ranOptional: false };

function named(Namespace: string, MetricName: string, dimensions: readonly (readonly [string, string])[]) {
	return { Namespace, MetricName, Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })) };
}

function instances(...facts: readonly Partial<Instance>[]): ReadonlyMap<string, Instance> {
	return new Map(facts.map((each) => [each.instanceId!, each as Instance]));
}

test("MetadataNoToken is tokenless requests that were answered, and zero while tokens are optional", () => {
	assert.deepEqual(metricOf(named("AWS/EC2", "MetadataNoToken", [["InstanceId", "i-1"]]), instances()), {
		instanceId: "i-1",
		series: [seriesOf("v1", 200)],
		zeros: "while-optional",
		sampleMinutes: 5,
	});
	assert.deepEqual(metricOf(named("AWS/EC2", "MetadataNoTokenRejected", [["InstanceId", "i-1"]]), instances()), {
		instanceId: "i-1",
		series: [seriesOf("v1", 401)],
		zeros: "never",
		sampleMinutes: 5,
	});
});

test("with detailed monitoring a sample is a minute", () => {
	const monitored = instances({ instanceId: "i-1", monitoring: "enabled" }, { instanceId: "i-2", monitoring: "disabled" });
	const minutesOf = (id: string) => metricOf(named("AWS/EC2", "MetadataNoToken", [["InstanceId", id]]), monitored)?.sampleMinutes;
	assert.deepEqual([minutesOf("i-1"), minutesOf("i-2"), minutesOf("i-gone")], [1, 5, 5]);
});

test("a name with other dimensions, too few, too many, or one twice, is that of no metric", () => {
	for (const dimensions of [
		[],
		[["ImageId", "ami-1"]],
		[
			["InstanceId", "i-1"],
			["ImageId", "ami-1"],
		],
		[
			["InstanceId", "i-1"],
			["InstanceId", "i-1"],
		],
	] as const) {
		assert.equal(metricOf(named("AWS/EC2", "MetadataNoToken", dimensions), instances()), undefined, JSON.stringify(dimensions));
	}
	assert.equal(metricOf(named("AWS/EC2", "CPUUtilization", [["InstanceId", "i-1"]]), instances()), undefined);
	assert.equal(metricOf(named("aws/ec2", "MetadataNoToken", [["InstanceId", "i-1"]]), instances()), undefined);
});

test("our own metrics tell requests by version and status, whatever the order of the dimensions", () => {
	const dimensions = [
		["Status", "404"],
		["InstanceId", "i-1"],
		["Version", "v2"],
	] as const;
	assert.deepEqual(metricOf(named("OpenIMDS", "Requests", dimensions), instances())?.series, [seriesOf("v2", 404)]);
	assert.equal(metricOf(named("OpenIMDS", "Requests", [["InstanceId", "i-1"]]), instances()), undefined);
	assert.deepEqual(metricOf(named("OpenIMDS", "TokensIssued", [["InstanceId", "i-1"]]), instances())?.series, [seriesOf("token", 200)]);
});

test("a Lightsail instance is not in AWS/EC2", () => {
	const lightsail = instances({ instanceId: "i-1", lightsail: { name: "Web-1" } as Instance["lightsail"] & object });
	assert.equal(metricOf(named("AWS/EC2", "MetadataNoToken", [["InstanceId", "i-1"]]), lightsail), undefined);
	assert.notEqual(metricOf(named("OpenIMDS", "TokensIssued", [["InstanceId", "i-1"]]), lightsail), undefined);
	const listed = metricsWithData([{ ...LISTED, instanceId: "i-1", ran: true, ranOptional: true }], lightsail);
	assert.deepEqual(
		listed.map(({ identity }) => identity.Namespace),
		["OpenIMDS"],
	);
});

test("a metric is listed if it has counts, or zeros; in the order of names and instances", () => {
	const found = metricsWithData(
		[
			{ instanceId: "i-2", series: [seriesOf("v1", 401)], ran: true, ranOptional: false },
			{ instanceId: "i-1", series: [], ran: true, ranOptional: true },
			{ instanceId: "i-0", series: [], ran: false, ranOptional: false },
		],
		instances(),
	);
	assert.deepEqual(
		found.map(({ identity: { MetricName, Dimensions } }) => [MetricName, ...Dimensions.map(({ Value }) => Value)].join(" ")),
		["MetadataNoToken i-1", "MetadataNoTokenRejected i-2", "TokensIssued i-1", "TokensIssued i-2", "Requests i-2 v1 401"],
	);
	for (const { identity, metric } of found) assert.deepEqual(metricOf(identity, instances()), metric);
});
