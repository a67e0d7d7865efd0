// What an alarm watches, as queries.

import type { AlarmConfiguration, AlarmQuery } from "../../model/alarm.ts";
import { validationError } from "../errors.ts";
import { computeQueries, planQueries, type QueryPlan, searchesOf } from "../metrics/query-plan.ts";

/** An alarm's queries, the one whose result it watches, and the length of its periods. */
export interface AlarmPlan {
	readonly queries: QueryPlan;
	readonly watchedId: string;
	readonly periodSeconds: number;
}

/**
 * Reads what an alarm watches.
 *
 * @throws {ApiError} `ValidationError` for queries that can't be computed, or do not come to one time series.
 */
export function alarmPlan(configuration: AlarmConfiguration, accountId: string): AlarmPlan {
	const given = configuration.Metrics ?? [queryOf(configuration)];
	const queries = planQueries(given as Parameters<typeof planQueries>[0], "Metrics", accountId);
	const watchedId = given.find(({ ReturnData }) => ReturnData !== false)!.Id;
	// AWS: a search finds many series, and an alarm watches one (CloudWatch guide, "Use search expressions in graphs").
	if (searchesOf(queries).length > 0) throw validationError("SEARCH is not supported on Metric Alarms.");
	const periods = new Set(queries.queries.map(({ periodSeconds }) => periodSeconds));
	if (periods.size > 1) throw validationError(`Metrics of an alarm must have one period. They have ${[...periods].join(", ")} seconds.`);
	const [periodSeconds] = periods;
	if (Array.isArray(computedOfNothing(queries).get(watchedId))) {
		throw validationError(`The expression '${watchedId}' comes to several time series, and an alarm watches one. SUM makes one of them.`);
	}
	return { queries, watchedId, periodSeconds: periodSeconds! };
}

function computedOfNothing(queries: QueryPlan): ReturnType<typeof computeQueries> {
	const grids = (periodSeconds: number) => ({ fromMs: 0, periodSeconds, stepMs: 60_000, length: 0 });
	return computeQueries(queries, { grids, seriesOf: () => [], spend() {} });
}

function queryOf({ Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit }: AlarmConfiguration): AlarmQuery {
	return {
		Id: "m1",
		MetricStat: {
			Metric: {
				...(Namespace !== undefined && { Namespace }),
				...(MetricName !== undefined && { MetricName }),
				...(Dimensions !== undefined && { Dimensions }),
			},
			Period: Period!,
			Stat: (Statistic ?? ExtendedStatistic)!,
			...(Unit !== undefined && { Unit }),
		},
	};
}
