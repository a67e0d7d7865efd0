import { constraintViolated, invalidNextToken, validationError } from "../../errors.ts";
import { planQueries } from "../../metrics/query-plan.ts";
import { queryResults } from "../../metrics/query-results.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { checkTime } from "./metric-checks.ts";
import { placeOf, tokenFor } from "./request-token.ts";
import { namedResults, type Place, resultsPage, SERIES_MAX } from "./results-page.ts";

/** AWS: of one request (CloudWatch API reference, GetMetricData). */
const QUERIES_MAX = 500;
const DATAPOINTS_MAX = 100_800;

/**
 * Gap: no Metrics Insights (`SELECT …`), no anomaly detection.
 *
 * AWS: gives no NextToken where there are expressions; here pages go on behind them, too.
 */
export const GetMetricData: CloudwatchOperation<"GetMetricData"> = {
	async run(input, call) {
		const { MetricDataQueries, StartTime, EndTime, MaxDatapoints = DATAPOINTS_MAX, ScanBy = "TimestampDescending", LabelOptions } = input;
		const { length } = MetricDataQueries;
		if (length === 0) throw validationError("The parameter MetricDataQueries is required.");
		if (length > QUERIES_MAX) {
			throw validationError(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}. It has ${length}.`);
		}
		checkTime(input, "ValidationError");
		if (MaxDatapoints < 1) throw constraintViolated("maxDatapoints", MaxDatapoints, "have value greater than or equal to 1");
		if (MaxDatapoints > DATAPOINTS_MAX) {
			throw constraintViolated("maxDatapoints", MaxDatapoints, `have value less than or equal to ${DATAPOINTS_MAX}`);
		}
		const timezone = LabelOptions?.Timezone;
		// Gap: it is for labels with times, which are not filled in.
		if (timezone !== undefined && !/^[+-]\d{4}$/.test(timezone)) {
			throw constraintViolated("labelOptions.timezone", timezone, "satisfy regular expression pattern: [+-]\\d{4}");
		}
		const plan = planQueries(MetricDataQueries, "MetricDataQueries", call.account.accountId);
		const place = readPlace(placeOf("GetMetricData", input), call.nowMs);

		// All pages are told of one moment, or what is counted meanwhile would move the rest.
		const nowMs = place?.nowMs ?? call.nowMs;
		const time = { startMs: StartTime.getTime(), endMs: EndTime.getTime(), nowMs };
		const results = await queryResults(plan, time, { metrics: call.metrics, instances: call.records.instance });
		const named = namedResults(plan, results);
		const { page, next } = resultsPage(named, { place, maxDatapoints: MaxDatapoints, descending: ScanBy === "TimestampDescending" });
		return {
			MetricDataResults: page,
			Messages: named.some(({ cut }) => cut) ? [TOO_MANY_SERIES] : [],
			NextToken: next && tokenFor("GetMetricData", input, JSON.stringify({ ...next, nowMs })),
		};
	},
};

/** AWS: this code and these words, of 100 (CloudWatch guide, "Search expression limits": a graph shows 500). */
const TOO_MANY_SERIES = {
	Code: "MaxMetricsExceeded",
	Value: `The maximum number of allowed metrics, ${SERIES_MAX}, has been exceeded`,
};

function readPlace(text: string | undefined, nowMs: number): (Place & { readonly nowMs: number }) | undefined {
	if (text === undefined) return undefined;
	const place = placeIn(text);
	if (![place?.series, place?.nowMs, place?.afterMs ?? 0].every(Number.isSafeInteger) || place!.nowMs > nowMs) throw invalidNextToken();
	return place;
}

function placeIn(text: string): (Place & { readonly nowMs: number }) | undefined {
	try {
		return JSON.parse(text) as Place & { nowMs: number };
	} catch {
		return undefined; // Whoever can make a token's digest can put anything behind it.
	}
}
