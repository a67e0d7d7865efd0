import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newWorld, NOW_MS } from "../../../../test/categories/world.ts";
import { launch } from "../../../model/launch.ts";
import type { MetricQuery, PeriodStatistics } from "../../../observe/metric-reader.ts";
import { seriesOf } from "../../../observe/request-series.ts";
import { ApiError } from "../../errors.ts";
import type { GetInstanceMetricDataRequest } from "../../models/lightsail.ts";
import type { Call } from "../../operation.ts";
import { GetInstanceMetricData } from "./GetInstanceMetricData.ts";

const HOUR_MS = 3_600_000;
const MIDNIGHT_MS = Date.UTC(2026, 0, 2);
const WEB = launch({ instanceId: "i-1", lightsail: { name: "Web-1", blueprintId: "mean", bundleId: "nano_3_0" } }, newWorld(), NOW_MS);

/** Data points of a history that knows these periods, and what it was asked. */
async function ask(request: Partial<GetInstanceMetricDataRequest>, periods: readonly PeriodStatistics[] = []) {
	const asked: MetricQuery[] = [];
	const metrics: Pick<Call["metrics"], "read"> = {
		async read(query) {
			asked.push(query);
			return [periods];
		},
	};
	const call = { records: { instance: new Map([["i-1", WEB]]) }, metrics } as unknown as Call;
	const input: GetInstanceMetricDataRequest = {
		instanceName: "Web-1",
		metricName: "MetadataNoToken",
		period: 300,
		startTime: new Date(MIDNIGHT_MS),
		endTime: new Date(MIDNIGHT_MS + HOUR_MS),
		unit: "Count",
		statistics: ["Sum"],
		...request,
	};
	const { metricName, metricData = [] } = await GetInstanceMetricData.run(input, call);
	return { metricName, metricData, asked };
}

const refused = (request: Partial<GetInstanceMetricDataRequest>, message: RegExp) =>
	assert.rejects(
		ask(request),
		(error) => error instanceof ApiError && error.code === "InvalidInputException" && message.test(error.message),
		JSON.stringify(request),
	);

const PERIOD: PeriodStatistics = { startMs: MIDNIGHT_MS, sampleCount: 5, sum: 10, minimum: 0, maximum: 7, percentiles: [] };

describe("data points", () => {
	test("are of the requests without a token that succeeded, by five minutes, with zeros for as long as the instance ran", async () => {
		const { asked } = await ask({});
		assert.deepEqual(asked, [
			{
				metrics: [{ instanceId: "i-1", series: [seriesOf("v1", 200)], zeros: "while-running", sampleMinutes: 5 }],
				fromMs: MIDNIGHT_MS,
				toMs: MIDNIGHT_MS + HOUR_MS,
				periodSeconds: 300,
				percentiles: [],
			},
		]);
	});

	test("have the statistics that were asked for, and no others", async () => {
		const all = await ask({ statistics: ["Average", "Maximum", "Minimum", "SampleCount", "Sum"] }, [PERIOD]);
		const timestamp = new Date(MIDNIGHT_MS);
		assert.deepEqual(all.metricData, [{ timestamp, unit: "Count", average: 2, maximum: 7, minimum: 0, sampleCount: 5, sum: 10 }]);
		assert.deepEqual((await ask({}, [PERIOD])).metricData, [{ timestamp, unit: "Count", sum: 10 }]);
		assert.equal(all.metricName, "MetadataNoToken");
	});

	test("begin with the period that the start is in, and end before the end", async () => {
		const startTime = new Date(MIDNIGHT_MS + 299_999);
		const endTime = new Date(MIDNIGHT_MS + 600_001);
		const { asked } = await ask({ startTime, endTime });
		assert.deepEqual([asked[0]?.fromMs, asked[0]?.toMs], [MIDNIGHT_MS, MIDNIGHT_MS + 900_000]);
	});

	test("are there in their own unit alone, and of no other metric", async () => {
		for (const request of [{ unit: "Percent" }, { metricName: "CPUUtilization" }] as const) {
			const { metricData, asked } = await ask(request, [PERIOD]);
			assert.deepEqual([metricData, asked], [[], []]);
		}
	});
});

describe("a request is refused", () => {
	test("for a period that isn't of whole minutes, or of more than a day", async () => {
		for (const period of [0, -60, 59, 61, 90, 86_460, 2_628_000])
			await refused({ period }, new RegExp(`'${period}' is not valid for period`));
		for (const period of [60, 86_400]) await ask({ period });
	});

	test("for a time that ends before it begins, or as it begins", async () => {
		for (const endTime of [MIDNIGHT_MS, MIDNIGHT_MS - 1]) await refused({ endTime: new Date(endTime) }, /startTime must be less/);
	});

	test("for more than 1440 data points", async () => {
		const after = (minutes: number) => ({ period: 60, endTime: new Date(MIDNIGHT_MS + minutes * 60_000) });
		await ask(after(1440));
		await refused(after(1441), /up to 1441 datapoints, which exceeds the limit of 1440/);
	});

	test("for no statistics at all", () => refused({ statistics: [] }, /No statistics/));

	test("for an instance that isn't there", () =>
		assert.rejects(ask({ instanceName: "Web-2" }), (error) => error instanceof ApiError && error.code === "NotFoundException"));
});
