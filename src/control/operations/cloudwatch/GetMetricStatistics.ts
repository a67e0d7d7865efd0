import { invalidValue, tooManyDatapoints } from "../../cloudwatch-errors.ts";
import { invalidParameterCombination } from "../../errors.ts";
import { METRIC_UNIT, metricOf } from "../../metrics/metric-catalogue.ts";
import { readValues } from "../../metrics/read-values.ts";
import { type Statistic, statisticOf, STATISTICS_ALLOWED } from "../../metrics/statistic.ts";
import { gridOf, isPeriod, PERIODS_ALLOWED } from "../../metrics/time-grid.ts";
import type { Datapoint } from "../../models/cloudwatch.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { checkCount, checkMetric, checkTime } from "./metric-checks.ts";

type Input = Parameters<CloudwatchOperation<"GetMetricStatistics">["run"]>[0];

/** AWS: of one call (CloudWatch API reference, GetMetricStatistics). */
const DATAPOINTS_MAX = 1_440;
const STATISTICS_MAX = 5;
const EXTENDED_STATISTICS_MAX = 10;

/**
 * AWS: a metric that nobody has heard of, dimensions that it does not have and another unit are no mistakes: there are no data.
 *
 * Quirk: datapoints come in the order of time, which AWS does not promise.
 */
export const GetMetricStatistics: CloudwatchOperation<"GetMetricStatistics"> = {
	async run(input, { metrics, records, nowMs }) {
		const statistics = checkedStatistics(input);
		checkMetric(input);
		const { Namespace, MetricName, Dimensions = [], Unit, Period } = input;
		if (!isPeriod(Period)) throw invalidValue("Period", Period, PERIODS_ALLOWED);
		checkTime(input, "InvalidParameterValue");
		const [startMs, endMs] = [input.StartTime.getTime(), input.EndTime.getTime()];
		const asked = Math.ceil((endMs - startMs) / (Period * 1000));
		if (asked > DATAPOINTS_MAX) throw tooManyDatapoints(asked, DATAPOINTS_MAX);

		const named = metricOf({ Namespace, MetricName, Dimensions }, records.instance);
		const metric = Unit === undefined || Unit === METRIC_UNIT ? named : undefined;
		const grid = gridOf({ startMs, endMs, nowMs }, Period);
		const wanted = ["SampleCount" as const, ...statistics.values()].map((statistic) => ({ metric, statistic, grid }));
		const [sampleCounts, ...values] = await readValues(metrics, wanted);
		const names = [...statistics.keys()];
		const datapoints = [...sampleCounts!.keys()]
			.filter((index) => sampleCounts![index]! > 0)
			.map((index): Datapoint => ({
				Timestamp: new Date(grid.fromMs + index * grid.stepMs),
				...namedValues(new Map(names.map((name, at) => [name, values[at]![index]!])), input),
				Unit: METRIC_UNIT,
			}));
		return { Label: MetricName, Datapoints: datapoints };
	},
};

/** The statistics that are asked for, by their names. */
function checkedStatistics({ Statistics = [], ExtendedStatistics = [] }: Input): ReadonlyMap<string, Statistic> {
	if (Statistics.length === 0 && ExtendedStatistics.length === 0) {
		throw invalidParameterCombination("At least one of the parameters Statistics and ExtendedStatistics must be specified.");
	}
	if (Statistics.length > 0 && ExtendedStatistics.length > 0) {
		throw invalidParameterCombination(
			"The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.",
		);
	}
	checkCount("Statistics", Statistics, STATISTICS_MAX);
	checkCount("ExtendedStatistics", ExtendedStatistics, EXTENDED_STATISTICS_MAX);
	return new Map(
		[...Statistics, ...ExtendedStatistics].map((name) => {
			const statistic = statisticOf(name);
			if (statistic === undefined || (ExtendedStatistics.length > 0 && typeof statistic !== "number")) {
				throw invalidValue("ExtendedStatistics", name, STATISTICS_ALLOWED.replace(/^.*, or /, ""));
			}
			return [name, statistic];
		}),
	);
}

function namedValues(values: ReadonlyMap<string, number>, { ExtendedStatistics = [] }: Input): object {
	const known = Object.fromEntries([...values].filter(([, value]) => !Number.isNaN(value)));
	return ExtendedStatistics.length > 0 ? { ExtendedStatistics: known } : known;
}
