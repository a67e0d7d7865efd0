import { page } from "../../pagination.ts";
import { FOUND_MS, foundMetrics } from "../../metrics/found-metrics.ts";
import type { MetricIdentity } from "../../metrics/metric-catalogue.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { checkCount, checkMetric } from "./metric-checks.ts";
import { placeOf, tokenFor } from "./request-token.ts";

type Input = Parameters<CloudwatchOperation<"ListMetrics">["run"]>[0];

/** AWS: metrics a page, and dimensions to filter by (CloudWatch API reference, ListMetrics). */
const PAGE_SIZE = 500;
const FILTERS_MAX = 10;
/** AWS: PT3H; it tells up to 50 minutes more, we don't. */
const RECENTLY_ACTIVE_MS = 3 * 60 * 60 * 1000;

/** AWS: metrics that had data within two weeks. A new one is listed after up to 15 minutes there, at once here. */
export const ListMetrics: CloudwatchOperation<"ListMetrics"> = {
	async run(input, { metrics, records, nowMs, account }) {
		checkMetric(input);
		checkCount("Dimensions", input.Dimensions ?? [], FILTERS_MAX);
		const place = placeOf("ListMetrics", input);
		const withinMs = input.RecentlyActive === undefined ? FOUND_MS : RECENTLY_ACTIVE_MS;
		const found = await foundMetrics({ metrics, instances: records.instance }, { nowMs, withinMs });
		const identities = found.map(({ identity }) => identity);
		const { IncludeLinkedAccounts = false, OwningAccount = account.accountId } = input;
		const matching = OwningAccount === account.accountId ? identities.filter((identity) => matches(identity, input)) : [];
		const { items, nextToken } = page(matching, { MaxResults: PAGE_SIZE, NextToken: place }, nameOf, { min: 1, max: PAGE_SIZE });
		return {
			Metrics: items,
			NextToken: nextToken && tokenFor("ListMetrics", input, nextToken),
			OwningAccounts: IncludeLinkedAccounts ? items.map(() => account.accountId) : undefined,
		};
	},
};

function matches({ Namespace, MetricName, Dimensions }: MetricIdentity, wanted: Input): boolean {
	if (wanted.Namespace !== undefined && wanted.Namespace !== Namespace) return false;
	if (wanted.MetricName !== undefined && wanted.MetricName !== MetricName) return false;
	return (wanted.Dimensions ?? []).every(({ Name, Value }) =>
		Dimensions.some((dimension) => dimension.Name === Name && (Value === undefined || dimension.Value === Value)),
	);
}

function nameOf({ Namespace, MetricName, Dimensions }: MetricIdentity): string {
	return [Namespace, MetricName, ...Dimensions.map(({ Value }) => Value)].join("\0");
}
