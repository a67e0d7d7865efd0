import type { Instance } from "../../model/instance.ts";
import type { MetricReader } from "../../observe/metric-reader.ts";
import { type FoundMetric, metricsWithData } from "./metric-catalogue.ts";

/** What metrics are told from. */
export interface MetricSource {
	readonly metrics: MetricReader;
	readonly instances: ReadonlyMap<string, Instance>;
}

/** AWS: a search finds what had data within two weeks (CloudWatch guide, "Use search expressions in graphs"), and ListMetrics lists it. */
export const FOUND_MS = 14 * 24 * 60 * 60 * 1000;

const MINUTE_MS = 60_000;

/** The metrics that had data within a time until now, the minute that is under way included. */
export async function foundMetrics(
	{ metrics, instances }: MetricSource,
	{ nowMs, withinMs }: { readonly nowMs: number; readonly withinMs: number },
): Promise<readonly FoundMetric[]> {
	return metricsWithData(await metrics.list(nowMs - withinMs, nowMs + MINUTE_MS), instances);
}
