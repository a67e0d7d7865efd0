import { seriesOf } from "../../../observe/request-series.ts";
import type { PeriodStatistics } from "../../../observe/metric-reader.ts";
import { invalidInput } from "../../lightsail-errors.ts";
import type { GetInstanceMetricDataRequest, MetricDatapoint, MetricStatistic } from "../../models/lightsail.ts";
import { instanceNamed, instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** In seconds (API reference, GetInstanceMetricData). */
const PERIOD_MIN = 60;
const PERIOD_MAX = 86_400;

/** AWS: of CloudWatch, which is what answers there. */
const DATAPOINTS_MAX = 1_440;

/** What each statistic is of a period, and the member of a data point that has it. */
const STATISTICS: Readonly<Record<MetricStatistic, (period: PeriodStatistics) => MetricDatapoint>> = {
	Average: ({ sum, sampleCount }) => ({ average: sum / sampleCount }),
	Maximum: ({ maximum }) => ({ maximum }),
	Minimum: ({ minimum }) => ({ minimum }),
	SampleCount: ({ sampleCount }) => ({ sampleCount }),
	Sum: ({ sum }) => ({ sum }),
};

/**
 * The data points of one metric of an instance, in the order of time (control-apis.md §4).
 *
 * AWS: metrics are kept in one unit each, and nothing is found of another.
 *
 * Gap: MetadataNoToken alone has data; the others are of what no metadata service sees.
 */
export const GetInstanceMetricData: LightsailApiOperation<"GetInstanceMetricData"> = {
	access: instanceNeeds,
	async run(request, call) {
		const { instanceName, metricName, period: periodSeconds, unit, statistics } = request;
		const { instanceId } = instanceNamed(instanceName, call);
		const { fromMs, toMs } = timesOf(request);
		if (statistics.length === 0) throw invalidInput("No statistics were given; allowed: 1 to 5.");
		if (metricName !== "MetadataNoToken" || unit !== "Count") return { metricName, metricData: [] };
		const metric = { instanceId, series: [seriesOf("v1", 200)], zeros: "while-running", sampleMinutes: 5 } as const;
		const [periods = []] = await call.metrics.read({ metrics: [metric], fromMs, toMs, periodSeconds, percentiles: [] });
		const metricData = periods.map((period): MetricDatapoint => {
			const values = statistics.map((statistic) => STATISTICS[statistic](period));
			return Object.assign({ timestamp: new Date(period.startMs), unit }, ...values) as MetricDatapoint;
		});
		return { metricName, metricData };
	},
};

/** The periods that begin between two times, the first of them rounded down. */
function timesOf({ period, startTime, endTime }: GetInstanceMetricDataRequest): { readonly fromMs: number; readonly toMs: number } {
	if (period < PERIOD_MIN || period > PERIOD_MAX || period % 60 !== 0) {
		throw invalidInput(`A value of '${period}' is not valid for period. Specify a multiple of 60 between ${PERIOD_MIN} and ${PERIOD_MAX}.`);
	}
	if (!(startTime < endTime)) throw invalidInput("The parameter startTime must be less than the parameter endTime.");
	const periodMs = period * 1000;
	const fromMs = Math.floor(startTime.getTime() / periodMs) * periodMs;
	const toMs = Math.ceil(endTime.getTime() / periodMs) * periodMs;
	const count = (toMs - fromMs) / periodMs;
	if (count > DATAPOINTS_MAX) {
		throw invalidInput(
			`You have requested up to ${count} datapoints, which exceeds the limit of ${DATAPOINTS_MAX}. You may reduce the datapoints requested ` +
				"by increasing period, or decreasing the time range.",
		);
	}
	return { fromMs, toMs };
}
