import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricDataQuery } from "../models/cloudwatch.ts";
import { ApiError } from "../errors.ts";
import { planQueries } from "./query-plan.ts";

const ACCOUNT = "123456789012";

function metric(Id: string, Period = 60): MetricDataQuery {
	return { Id, MetricStat: { Metric: { Namespace: "AWS/EC2", MetricName: "MetadataNoToken" }, Period, Stat: "Sum" } };
}

function plan(...queries: readonly MetricDataQuery[]) {
	return planQueries(queries, "MetricDataQueries", ACCOUNT);
}

function refusal(...queries: readonly MetricDataQuery[]): string {
	try {
		plan(...queries);
	} catch (error) {
		assert.ok(error instanceof ApiError, String(error));
		assert.equal(error.code, "ValidationError");
		return error.message;
	}
	return "not refused";
}

test("queries are computed behind those that they refer to, in whatever order they come", () => {
	const { ordered } = plan(
		{ Id: "e1", Expression: "e2+e3" },
		{ Id: "e2", Expression: "e3*2" },
		{ Id: "e3", Expression: "m1/2" },
		metric("m1"),
	);
	assert.deepEqual(
		ordered.map(({ query }) => query.Id),
		["m1", "e3", "e2", "e1"],
	);
});

test("queries that refer to each other are refused, whatever the way round", () => {
	const message = /^Error in expression '(e1|e2|e3)': it refers to '(e1|e2|e3)', which refers to it in turn$/;
	assert.match(refusal({ Id: "e1", Expression: "e2*2" }, { Id: "e2", Expression: "e3*2" }, { Id: "e3", Expression: "e1*2" }), message);
	assert.match(refusal({ Id: "e1", Expression: "e1+1" }), message);
});

test("five hundred queries, each on the one before, are planned", () => {
	const chain = Array.from({ length: 499 }, (_, index) => ({ Id: `e${index + 1}`, Expression: `e${index}+1` }));
	assert.equal(plan(...chain.toReversed(), metric("e0")).ordered.length, 500);
});

test("what can't be computed whatever the data is refused before anything is read", () => {
	assert.match(refusal({ Id: "e1", Expression: "NOPE(m1)" }, metric("m1")), /^Error in expression 'e1': Function 'NOPE' not found/);
	assert.match(refusal({ Id: "e1", Expression: "SUM(m1)" }, metric("m1")), /^Error in expression 'e1': its result is a number/);
	assert.match(refusal({ Id: "e1", Expression: "m1+m2" }, metric("m1"), metric("m2", 300)), /different periods: 60, 300/);
	assert.match(refusal({ Id: "e1", Expression: "m1+" }), /^Error in expression 'e1': it ends/);
	assert.match(refusal({ Id: "e1", Expression: "m7" }), /no query has the id 'm7'/);
	assert.match(refusal({ Id: "e1", Expression: "SELECT SUM(x) FROM y" }), /Metrics Insights/);
});

test("a SEARCH says what it looks for, a statistic, and perhaps a period", () => {
	const search = (text: string) => refusal({ Id: "e1", Expression: text });
	assert.equal(search(`SEARCH('{AWS/EC2,InstanceId}', 'Sum', 300)`), "not refused");
	assert.equal(search(`SUM(SEARCH('{AWS/EC2,InstanceId}', 'Sum', '60'))`), "not refused");
	assert.match(search(`SEARCH('{AWS/EC2,InstanceId}')`), /SEARCH takes what to search for and a statistic/);
	assert.match(search(`SEARCH(m1, 'Sum')`), /SEARCH takes what to search for/);
	assert.match(search(`SEARCH('{AWS/EC2,InstanceId}', 'tm90', 300)`), /has 'tm90'/);
	assert.match(search(`SEARCH('{AWS/EC2,InstanceId}', 'Sum', 61)`), /period as operand 3/);
	assert.match(search(`SEARCH('{', 'Sum', 60)`), /SEARCH can't be read/);
});

test("a SEARCH without a period has that of its query, of the request's metrics, or five minutes", () => {
	const Expression = `SEARCH('{AWS/EC2,InstanceId}', 'Sum')`;
	const periodOf = (...queries: readonly MetricDataQuery[]) =>
		plan(...queries).queries.flatMap((planned) => (planned.kind === "expression" ? [...planned.searches.values()] : []))[0]?.periodSeconds;
	assert.equal(periodOf({ Id: "e1", Expression, Period: 3600 }, metric("m1", 60)), 3600);
	assert.equal(periodOf({ Id: "e1", Expression }, metric("m1", 60)), 60);
	assert.equal(periodOf({ Id: "e1", Expression }), 300);
});

test("a query is one thing, has an id of its own, and fits the model", () => {
	const { MetricStat } = metric("m1");
	const stat = MetricStat!;
	assert.match(refusal({ Id: "M1", MetricStat: stat }), /Value 'M1' at 'metricDataQueries\.member\.1\.id'/);
	assert.match(refusal({ Id: "1m", MetricStat: stat }), /\.id'/);
	assert.match(refusal(metric("m1"), metric("m1")), /^The values for parameter id in MetricDataQueries are not unique\.$/);
	assert.match(refusal({ Id: "m1", MetricStat: stat, Expression: "1" }), /mutually exclusive and you have specified both\.$/);
	assert.match(refusal(metric("m1"), { Id: "m2" }), /^At least one of the parameters MetricDataQueries\.member\.2\.Expression/);
	assert.match(refusal({ Id: "m1", MetricStat: { ...stat, Period: 61 } }), /The value 61 for parameter .*MetricStat\.Period is invalid/);
	assert.match(refusal({ Id: "m1", MetricStat: { ...stat, Period: 0 } }), /The value 0 for/);
	assert.match(refusal({ Id: "m1", MetricStat: { ...stat, Stat: "sum" } }), /member\.1\.MetricStat\.Stat is not a valid statistic/);
	assert.match(refusal({ Id: "m1", MetricStat: { ...stat, Metric: { MetricName: "x" } } }), /Metric\.Namespace is required/);
	assert.match(refusal({ ...metric("m1"), Period: 300 }), /Leave the first out/);
	assert.match(refusal({ ...metric("m1"), AccountId: "999999999999" }), /be 123456789012/);
	assert.equal(refusal({ ...metric("m1"), AccountId: ACCOUNT }), "not refused");
});
