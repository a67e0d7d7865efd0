import assert from "node:assert/strict";
import { test } from "node:test";
import { resultLabel, searchLabel } from "./series-label.ts";

const GRID = { fromMs: 0, periodSeconds: 300, stepMs: 300_000, length: 0 };
const IDENTITY = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value: "i-1" }] };
const METRIC = { label: "i-1", grid: GRID, values: new Float64Array(), source: { identity: IDENTITY, statistic: "Sum" } };
const COMPUTED = { label: "i-1", grid: GRID, values: new Float64Array() };

test("what a search finds is called by what differs", () => {
	assert.equal(searchLabel([IDENTITY])(IDENTITY), "i-1");
	assert.equal(searchLabel([IDENTITY, { ...IDENTITY, MetricName: "MetadataNoTokenRejected" }])(IDENTITY), "i-1 MetadataNoToken");
});

test("a result is called as its query says, or by its metric, or its id", () => {
	assert.equal(resultLabel({ id: "m1", label: undefined }, METRIC, false), "i-1");
	assert.equal(resultLabel({ id: "e1", label: undefined }, COMPUTED, false), "e1");
	assert.equal(resultLabel({ id: "e1", label: undefined }, COMPUTED, true), "i-1");
	assert.equal(resultLabel({ id: "e1", label: "calls" }, COMPUTED, false), "calls");
	assert.equal(resultLabel({ id: "e1", label: "calls" }, COMPUTED, true), "calls i-1");
	assert.equal(resultLabel({ id: "e1", label: "" }, COMPUTED, true), "i-1");
});

test("names in dynamic labels are filled in, and what isn't known stays", () => {
	const label =
		"${LABEL}: ${PROP('MetricName')} of ${PROP('Dim.InstanceId')}, ${PROP('Stat')} in ${PROP('Period')} s, ${MAX} ${PROP('Dim.X')}";
	assert.equal(resultLabel({ id: "e1", label }, METRIC, true), "i-1: MetadataNoToken of i-1, Sum in 300 s, ${MAX} ${PROP('Dim.X')}");
});
