// GetMetricStatistics, GetMetricData and ListMetrics over a history of minutes, of any length and any time.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CountedMinutes } from "../../../../test/api/counted-minutes.ts";
import { seriesOf } from "../../../observe/request-series.ts";
import { ApiError } from "../../errors.ts";
import type { GetMetricDataInput, GetMetricStatisticsInput, ListMetricsInput, MetricDataQuery } from "../../models/cloudwatch.ts";
import type { Call } from "../../operation.ts";
import { GetMetricData } from "./GetMetricData.ts";
import { GetMetricStatistics } from "./GetMetricStatistics.ts";
import { ListMetrics } from "./ListMetrics.ts";
import { PutMetricData } from "./PutMetricData.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const V1 = seriesOf("v1", 200);

function callOf(metrics: CountedMinutes, nowMs = NOW): Call {
	const instance = new Map([["i-1", { instanceId: "i-1", monitoring: "enabled" }]]);
	return { metrics, nowMs, records: { instance }, account: { accountId: "123456789012" } } as unknown as Call;
}

/** An instance whose minutes before now had so many calls each: the first number is the last minute's. */
function counted(...counts: readonly number[]): CountedMinutes {
	const history = new CountedMinutes().ran("i-1", NOW - counts.length * MINUTE, NOW);
	for (const [index, count] of counts.entries()) if (count > 0) history.count("i-1", V1, NOW - (index + 1) * MINUTE, count);
	return history;
}

async function refusal(work: () => unknown): Promise<readonly [code: string, message: string]> {
	try {
		await work();
	} catch (error) {
		assert.ok(error instanceof ApiError, String(error));
		assert.equal(error.status, 400);
		return [error.code, error.message];
	}
	assert.fail("not refused");
}

describe("GetMetricStatistics", () => {
	const INPUT: GetMetricStatisticsInput = {
		Namespace: "AWS/EC2",
		MetricName: "MetadataNoToken",
		Dimensions: [{ Name: "InstanceId", Value: "i-1" }],
		StartTime: new Date(NOW - 10 * MINUTE),
		EndTime: new Date(NOW),
		Period: 60,
		Statistics: ["Sum"],
	};

	async function datapoints(history: CountedMinutes, more: Partial<GetMetricStatisticsInput> = {}) {
		const { Datapoints = [], Label } = await GetMetricStatistics.run({ ...INPUT, ...more }, callOf(history));
		assert.equal(Label, more.MetricName ?? "MetadataNoToken");
		return Datapoints;
	}

	function refused(more: Partial<GetMetricStatisticsInput>) {
		return refusal(() => GetMetricStatistics.run({ ...INPUT, ...more }, callOf(counted())));
	}

	test("tells every period of which something is known, zeros too", async () => {
		const points = await datapoints(counted(2, 0, 3));
		assert.deepEqual(points, [
			{ Timestamp: new Date(NOW - 3 * MINUTE), Sum: 3, Unit: "Count" },
			{ Timestamp: new Date(NOW - 2 * MINUTE), Sum: 0, Unit: "Count" },
			{ Timestamp: new Date(NOW - MINUTE), Sum: 2, Unit: "Count" },
		]);
	});

	test("tells all statistics of a period", async () => {
		const [point] = await datapoints(counted(4, 0, 2, 6, 8), {
			Period: 300,
			Statistics: ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
		});
		assert.deepEqual(point, {
			Timestamp: new Date(NOW - 5 * MINUTE),
			SampleCount: 5,
			Average: 4,
			Sum: 20,
			Minimum: 0,
			Maximum: 8,
			Unit: "Count",
		});
		const [extended] = await datapoints(counted(4, 0, 2, 6, 8), {
			Period: 300,
			Statistics: undefined,
			ExtendedStatistics: ["p50", "p99.9"],
		});
		assert.deepEqual(Object.keys(extended?.ExtendedStatistics ?? {}), ["p50", "p99.9"]);
		assert.equal(extended?.ExtendedStatistics?.["p50"], 4);
	});

	test("an unknown metric, other dimensions, another unit and another namespace have no datapoints", async () => {
		const history = counted(1, 2, 3);
		assert.equal((await datapoints(history)).length, 3);
		assert.equal((await datapoints(history, { Unit: "Count" })).length, 3);
		for (const more of [
			{ MetricName: "CPUUtilization" },
			{ Namespace: "AWS/Lambda" },
			{ Dimensions: undefined },
			{ Dimensions: [{ Name: "InstanceId", Value: "i-404" }] },
			{ Dimensions: [...INPUT.Dimensions!, { Name: "ImageId", Value: "ami-1" }] },
			{ Unit: "Bytes" as const },
		]) {
			assert.deepEqual(await datapoints(history, more), [], JSON.stringify(more));
		}
	});

	test("1440 datapoints may be asked for, and not one more", async () => {
		const day = { StartTime: new Date(NOW - 24 * HOUR), EndTime: new Date(NOW) };
		assert.equal((await datapoints(counted(1), day)).length, 1);
		assert.deepEqual(await refused({ ...day, EndTime: new Date(NOW + 1) }), [
			"InvalidParameterCombination",
			"You have requested up to 1,441 datapoints, which exceeds the limit of 1,440. " +
				"You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
		]);
		assert.equal((await refused({ ...day, Period: 30 }))[0], "InvalidParameterCombination");
	});

	test("statistics are of one kind, at least one, and known", async () => {
		assert.deepEqual(await refused({ Statistics: undefined }), [
			"InvalidParameterCombination",
			"At least one of the parameters Statistics and ExtendedStatistics must be specified.",
		]);
		assert.equal((await refused({ ExtendedStatistics: ["p99"] }))[0], "InvalidParameterCombination");
		for (const name of ["p101", "tm90", "Sum", "", "p99.99999999999"]) {
			const [code, message] = await refused({ Statistics: undefined, ExtendedStatistics: [name] });
			assert.deepEqual(
				[code, message.startsWith(`The value ${name} for parameter ExtendedStatistics is invalid.`)],
				["InvalidParameterValue", true],
			);
		}
	});

	test("periods and times are what they can be", async () => {
		for (const Period of [0, -60, 7, 59, 61, 90]) {
			assert.match(
				(await refused({ Period }))[1],
				new RegExp(`^The value ${Period} for parameter Period is invalid\\. It must be 1, 5, 10, 20, 30, or a`),
			);
		}
		assert.deepEqual(await refused({ EndTime: INPUT.StartTime }), [
			"InvalidParameterValue",
			"The parameter StartTime must not equal parameter EndTime.",
		]);
		assert.deepEqual(await refused({ EndTime: new Date(0) }), [
			"InvalidParameterValue",
			"The parameter StartTime must be less than the parameter EndTime.",
		]);
		const ever = { StartTime: new Date(0), EndTime: new Date(8.64e15), Period: 86_400 * 100_000 };
		assert.deepEqual(await datapoints(counted(1), ever), [{ Timestamp: new Date(0), Sum: 1, Unit: "Count" }]);
	});

	test("a name is as long as a name can be", async () => {
		assert.equal((await refused({ MetricName: "x".repeat(256) }))[0], "ValidationError");
		assert.equal((await refused({ Namespace: "" }))[0], "ValidationError");
		assert.equal((await refused({ Namespace: ":x" }))[0], "ValidationError");
		const Dimensions = Array.from({ length: 31 }, (_, index) => ({ Name: `n${index}`, Value: "x" }));
		assert.deepEqual(await refused({ Dimensions }), [
			"InvalidParameterValue",
			"The collection Dimensions must not have a size greater than 30.",
		]);
	});
});

describe("GetMetricData", () => {
	function metric(Id: string, Stat = "Sum", more: Partial<MetricDataQuery> = {}): MetricDataQuery {
		const Metric = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value: "i-1" }] };
		return { Id, MetricStat: { Metric, Period: 60, Stat }, ...more };
	}

	const TIMES = { StartTime: new Date(NOW - 10 * MINUTE), EndTime: new Date(NOW) };

	async function data(history: CountedMinutes, input: Partial<GetMetricDataInput>, nowMs = NOW) {
		const { MetricDataResults = [], ...rest } = await GetMetricData.run(
			{ MetricDataQueries: [metric("m1")], ...TIMES, ...input },
			callOf(history, nowMs),
		);
		return { results: MetricDataResults, ...rest };
	}

	/** `ID LABEL: value value …` of each result. */
	async function told(history: CountedMinutes, ...MetricDataQueries: readonly MetricDataQuery[]) {
		const { results } = await data(history, { MetricDataQueries, ScanBy: "TimestampAscending" });
		return results.map(({ Id, Label, Values = [] }) => `${Id} ${Label}: ${Values.join(" ")}`);
	}

	test("tells the newest first unless it is said otherwise", async () => {
		const { results, Messages } = await data(counted(1, 2, 3), {});
		assert.deepEqual(results, [
			{
				Id: "m1",
				Label: "MetadataNoToken",
				Timestamps: [1, 2, 3].map((minute) => new Date(NOW - minute * MINUTE)),
				Values: [1, 2, 3],
				StatusCode: "Complete",
			},
		]);
		assert.deepEqual(Messages, []);
		const ascending = await data(counted(1, 2, 3), { ScanBy: "TimestampAscending" });
		assert.deepEqual(ascending.results[0]?.Values, [3, 2, 1]);
	});

	test("queries come in their order, without those that return no data", async () => {
		const history = counted(1, 0, 3);
		assert.deepEqual(
			await told(
				history,
				{ Id: "share", Expression: "m1/SUM(m1)*100", Label: "percent" },
				metric("m1", "Sum", { ReturnData: false }),
				metric("largest", "Maximum", { Label: "most" }),
				{ Id: "e1", Expression: "FILL(m1, 0) > 0" },
			),
			["share percent: 75 0 25", "largest most: 3 0 1", "e1 e1: 0 0 0 0 0 0 0 1 0 1"],
		);
	});

	test("a search finds what has data, with labels of what differs", async () => {
		const history = counted(1, 2)
			.count("i-2", V1, NOW - MINUTE, 5)
			.count("i-2", seriesOf("v1", 401), NOW - MINUTE, 7);
		const search = (text: string) => told(history, { Id: "e1", Expression: `SEARCH('${text}', 'Sum', 60)` });
		// The second has no detailed monitoring: its sample stands at the beginning of five minutes.
		assert.deepEqual(await search('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"'), ["e1 i-1: 2 1", "e1 i-2: 5"]);
		const hourly = (text: string) => told(history, { Id: "e1", Expression: `SEARCH('${text}', 'Sum', 3600)` });
		assert.deepEqual(await hourly('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"'), ["e1 i-1: 3", "e1 i-2: 5"]);
		assert.deepEqual(await hourly('{AWS/EC2,InstanceId} "i-2"'), ["e1 i-2 MetadataNoToken: 5", "e1 i-2 MetadataNoTokenRejected: 7"]);
		assert.deepEqual(await hourly("{AWS/Lambda,FunctionName}"), []);
		assert.deepEqual(
			await told(history, { Id: "e1", Expression: `SUM(SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', 3600))` }),
			["e1 e1: 8"],
		);
	});

	test("ten thousand instances are summed up, with one question", async () => {
		const history = new CountedMinutes();
		for (let index = 0; index < 10_000; index++) history.count(`i-${index}`, V1, NOW - 2 * MINUTE, 1 + (index % 2));
		const Expression = `SUM(SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', 300))`;
		const { results } = await data(history, { MetricDataQueries: [{ Id: "e1", Expression }] });
		assert.deepEqual(results[0]?.Values, [15_000]);
		assert.equal(history.queries.length, 1);
	});

	test("of more than 500 series it says that there are more", async () => {
		const history = new CountedMinutes();
		for (let index = 0; index < 501; index++) history.count(`i-${index}`, V1, NOW - 2 * MINUTE);
		const Expression = `SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', 300)`;
		const { results, Messages } = await data(history, { MetricDataQueries: [{ Id: "e1", Expression }] });
		assert.equal(results.length, 500);
		assert.deepEqual([...new Set(results.map(({ StatusCode }) => StatusCode))], ["PartialData"]);
		assert.deepEqual(Messages, [{ Code: "MaxMetricsExceeded", Value: "The maximum number of allowed metrics, 500, has been exceeded" }]);
	});

	test("what takes too many values is refused before it is read", async () => {
		const history = new CountedMinutes();
		for (let index = 0; index < 2_000; index++) history.count(`i-${index}`, V1, NOW - 2 * MINUTE);
		const Expression = `SUM(SEARCH('{AWS/EC2,InstanceId} MetricName="MetadataNoToken"', 'Sum', 60))`;
		const input = { StartTime: new Date(NOW - 15 * 24 * HOUR), MetricDataQueries: [{ Id: "e1", Expression }] };
		const [code, message] = await refusal(() => data(history, input));
		assert.equal(code, "ValidationError");
		assert.match(message, /takes more than 30000000 values\. Ask for a shorter time, a longer Period, or fewer metrics/);
		assert.deepEqual(history.queries, []);
	});

	test("pages together tell what one page tells, whatever their size and order", async () => {
		const values = fc.array(fc.nat(5), { maxLength: 12 });
		const queries = [
			metric("m1"),
			{ Id: "e1", Expression: "IF(m1 > 2, m1)" },
			metric("m2", "Maximum"),
			{ Id: "e2", Expression: "[m1, e1]" },
		];
		await fc.assert(
			fc.asyncProperty(
				values,
				fc.integer({ min: 1, max: 9 }),
				fc.constantFrom("TimestampAscending", "TimestampDescending"),
				async (values, size, ScanBy) => {
					const history = counted(...values);
					const input = { MetricDataQueries: queries, ScanBy, EndTime: new Date(NOW + HOUR) };
					const flat = (results: Awaited<ReturnType<typeof data>>["results"]) =>
						results.flatMap(({ Id, Label, Timestamps = [], Values = [] }) =>
							Values.map((value, index) => [Id, Label, Timestamps[index]!.getTime(), value]),
						);
					const whole = await data(history, input);
					assert.equal(whole.NextToken, undefined);
					const pages = [];
					let NextToken: string | undefined;
					let nowMs = NOW;
					do {
						const page = await data(history, { ...input, MaxDatapoints: size, ...(NextToken !== undefined && { NextToken }) }, nowMs);
						assert.ok(flat(page.results).length <= size);
						pages.push(...flat(page.results));
						({ NextToken } = page);
						// What is counted in the minutes between pages is not in them.
						nowMs += MINUTE;
						history.count("i-1", V1, nowMs, 9);
					} while (NextToken !== undefined);
					assert.deepEqual(pages, flat(whole.results));
				},
			),
			{ numRuns: 50 },
		);
	});

	test("a token is good for its own request alone", async () => {
		const history = counted(1, 2, 3);
		const { NextToken = "" } = await data(history, { MaxDatapoints: 1 });
		const refused = async (input: Partial<GetMetricDataInput>) => (await refusal(() => data(history, input)))[0];
		assert.equal((await data(history, { NextToken, MaxDatapoints: 2 })).results[0]?.Values?.length, 2);
		assert.equal(await refused({ NextToken, ScanBy: "TimestampAscending" }), "InvalidNextToken");
		assert.equal(await refused({ NextToken, EndTime: new Date(NOW + 1) }), "InvalidNextToken");
		assert.equal(await refused({ NextToken, MetricDataQueries: [metric("m2")] }), "InvalidNextToken");
		const digest = NextToken.slice(0, NextToken.indexOf("."));
		for (const place of [
			"",
			"{}",
			"[]",
			"null",
			'{"series":0.5,"nowMs":1}',
			`{"series":0,"nowMs":${NOW + 1}}`,
			'{"series":"x","nowMs":1}',
		]) {
			assert.equal(await refused({ NextToken: `${digest}.${Buffer.from(place).toString("base64url")}` }), "InvalidNextToken", place);
		}
		for (const token of ["x", NextToken.slice(1), `${NextToken}A`, `${NextToken}=`])
			assert.equal(await refused({ NextToken: token }), "InvalidNextToken", token);
	});

	test("requests that can't be answered are refused, with AWS's code", async () => {
		const refused = (input: Partial<GetMetricDataInput>) => refusal(() => data(counted(), input));
		const code = async (input: Partial<GetMetricDataInput>) => (await refused(input))[0];
		assert.equal(await code({ MetricDataQueries: [] }), "ValidationError");
		assert.equal(await code({ MetricDataQueries: Array.from({ length: 501 }, (_, index) => metric(`m${index}`)) }), "ValidationError");
		assert.deepEqual(await refused({ EndTime: TIMES.StartTime }), [
			"ValidationError",
			"The parameter StartTime must not equal parameter EndTime.",
		]);
		for (const MaxDatapoints of [0, -1, 100_801]) assert.equal(await code({ MaxDatapoints }), "ValidationError");
		assert.equal(await code({ LabelOptions: { Timezone: "CET" } }), "ValidationError");
		assert.equal((await data(counted(), { LabelOptions: { Timezone: "-0500" } })).results.length, 1);
	});
});

describe("ListMetrics", () => {
	async function listed(history: CountedMinutes, input: ListMetricsInput = {}) {
		const { Metrics = [], ...rest } = await ListMetrics.run(input, callOf(history));
		const names = Metrics.map(({ MetricName, Dimensions = [] }) => [MetricName, ...Dimensions.map(({ Value }) => Value)].join(" "));
		return { names, ...rest };
	}

	const HISTORY = counted(1, 2)
		.count("i-2", seriesOf("v1", 401), NOW - 5 * HOUR)
		.count("i-3", seriesOf("v2", 200), NOW - 15 * 24 * HOUR);

	test("lists what had data within two weeks, or within three hours", async () => {
		const all = ["MetadataNoToken i-1", "MetadataNoTokenRejected i-2", "Requests i-1 v1 200", "Requests i-2 v1 401", "TokensIssued i-1"];
		assert.deepEqual((await listed(HISTORY)).names, all);
		assert.deepEqual(
			(await listed(HISTORY, { RecentlyActive: "PT3H" })).names,
			all.filter((name) => name.includes("i-1")),
		);
	});

	test("filters by names and dimensions", async () => {
		assert.deepEqual((await listed(HISTORY, { Namespace: "AWS/EC2" })).names, ["MetadataNoToken i-1", "MetadataNoTokenRejected i-2"]);
		assert.deepEqual((await listed(HISTORY, { MetricName: "TokensIssued" })).names, ["TokensIssued i-1"]);
		assert.deepEqual((await listed(HISTORY, { Dimensions: [{ Name: "Status", Value: "401" }] })).names, ["Requests i-2 v1 401"]);
		assert.equal((await listed(HISTORY, { Dimensions: [{ Name: "Version" }] })).names.length, 2);
		assert.deepEqual((await listed(HISTORY, { Dimensions: [{ Name: "ImageId" }] })).names, []);
		assert.deepEqual((await listed(HISTORY, { OwningAccount: "999999999999", IncludeLinkedAccounts: true })).names, []);
		const { OwningAccounts } = await listed(HISTORY, { MetricName: "TokensIssued", IncludeLinkedAccounts: true });
		assert.deepEqual(OwningAccounts, ["123456789012"]);
	});

	test("gives pages of 500, each metric once, with tokens of this request alone", async () => {
		const history = new CountedMinutes();
		for (let index = 0; index < 1_100; index++) history.count(`i-${index}`, V1, NOW - MINUTE);
		const filter = { MetricName: "MetadataNoToken" };
		const names: string[] = [];
		const sizes: number[] = [];
		let NextToken: string | undefined;
		do {
			const page = await listed(history, { ...filter, ...(NextToken !== undefined && { NextToken }) });
			names.push(...page.names);
			sizes.push(page.names.length);
			if (NextToken === undefined) {
				assert.equal((await refusal(() => listed(history, { NextToken: page.NextToken! })))[0], "InvalidNextToken");
				assert.equal((await refusal(() => listed(history, { ...filter, NextToken: "nonsense" })))[0], "InvalidNextToken");
			}
			({ NextToken } = page);
		} while (NextToken !== undefined);
		assert.deepEqual(sizes, [500, 500, 100]);
		assert.equal(new Set(names).size, 1_100);
	});
});

test("PutMetricData takes at most a thousand metrics, and none of them", async () => {
	const datum = { MetricName: "m", Value: 1 };
	const refused = (count: number) => {
		const MetricData = Array.from({ length: count }, () => datum);
		return refusal(() => PutMetricData.run({ Namespace: "Custom", MetricData }, callOf(counted())));
	};
	assert.match((await refused(1_000))[1], /^The value Custom for parameter Namespace is invalid\./);
	assert.match((await refused(1_001))[1], /^The collection MetricData must not have a size greater than 1000\.$/);
});
