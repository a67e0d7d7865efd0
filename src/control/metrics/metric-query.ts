// Queries of GetMetricData and of alarms, read: what each asks for, before anything is looked up.

import { constraintViolated, validationError } from "../errors.ts";
import type { MetricDataQuery } from "../models/cloudwatch.ts";
import type { MetricIdentity } from "./metric-catalogue.ts";
import { type Expression, type FunctionCall, partsOf } from "./metric-math/expression.ts";
import { ExpressionError } from "./metric-math/expression-error.ts";
import { parseExpression } from "./metric-math/parse-expression.ts";
import { type MetricTest, parseSearch } from "./search/search-expression.ts";
import { type Statistic, statisticOf, STATISTICS_ALLOWED } from "./statistic.ts";
import { isPeriod, PERIODS_ALLOWED } from "./time-grid.ts";

/** A query for one metric, or for what an expression gives. */
export type PlannedQuery = PlannedMetric | PlannedExpression;

export interface PlannedMetric {
	readonly kind: "metric";
	readonly query: MetricDataQuery;
	readonly identity: MetricIdentity;
	readonly statistic: Statistic;
	readonly statisticName: string;
	readonly periodSeconds: number;
	/** Missing: of any unit. */
	readonly unit: string | undefined;
}

export interface PlannedExpression {
	readonly kind: "expression";
	readonly query: MetricDataQuery;
	readonly expression: Expression;
	readonly searches: ReadonlyMap<FunctionCall, PlannedSearch>;
	/** Of series that no metric is in. */
	readonly periodSeconds: number;
}

/** A SEARCH within an expression. */
export interface PlannedSearch {
	readonly matches: MetricTest;
	readonly statistic: Statistic;
	readonly statisticName: string;
	readonly periodSeconds: number;
}

/** Quirk: AWS chooses a period by the size of a graph where none is said, and API requests have no graph. */
const PERIOD_DEFAULT_SECONDS = 300;

/**
 * Reads queries one by one, in their order.
 *
 * @param parameter that they are in, for messages: `MetricDataQueries`.
 * @throws {ApiError} `ValidationError` for the first query that can't be read.
 */
export function readQueries(queries: readonly MetricDataQuery[], parameter: string, accountId: string): readonly PlannedQuery[] {
	const defaultPeriodSeconds = queries.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period ?? PERIOD_DEFAULT_SECONDS;
	const planned = queries.map((query, index) => {
		const path = `${parameter}.member.${index + 1}`;
		if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(query.Id)) {
			throw constraintViolated(
				`${path}.id`,
				query.Id,
				"satisfy regular expression pattern: ^[a-z][a-zA-Z0-9_]*$, in 255 characters at most",
			);
		}
		// Gap: AWS shows an account what another one shares with it.
		if (query.AccountId !== undefined && query.AccountId !== accountId) {
			throw constraintViolated(`${path}.accountId`, query.AccountId, `be ${accountId}: metrics of other accounts are not here`);
		}
		if (query.Period !== undefined) checkPeriod(query.Period, `${path}.Period`);
		return plannedQuery(query, path, defaultPeriodSeconds);
	});
	if (new Set(queries.map(({ Id }) => Id)).size < queries.length) {
		throw validationError(`The values for parameter id in ${parameter} are not unique.`);
	}
	return planned;
}

/** Does something with a query's expression; what is wrong with it is told with its id. */
export function withExpressionOf<T>({ Id }: MetricDataQuery, work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof ExpressionError)) throw error;
		throw validationError(`Error in expression '${Id}': ${error.message}`);
	}
}

function plannedQuery(query: MetricDataQuery, path: string, defaultPeriodSeconds: number): PlannedQuery {
	const { MetricStat, Expression } = query;
	if (MetricStat !== undefined && Expression !== undefined) {
		throw validationError(`The parameters ${path}.Expression and ${path}.MetricStat are mutually exclusive and you have specified both.`);
	}
	if (MetricStat !== undefined) return plannedMetric(query, MetricStat, path);
	if (Expression === undefined) {
		throw validationError(`At least one of the parameters ${path}.Expression and ${path}.MetricStat must be specified.`);
	}
	const periodSeconds = query.Period ?? defaultPeriodSeconds;
	return withExpressionOf(query, () => {
		if (/^\s*SELECT\s/i.test(Expression)) {
			throw new ExpressionError("Metrics Insights queries (SELECT …) are not here. SEARCH finds the metrics of many instances");
		}
		const expression = parseExpression(Expression);
		const calls = partsOf(expression).filter((part) => part.kind === "call" && part.name === "SEARCH") as readonly FunctionCall[];
		const searches = new Map(calls.map((call) => [call, plannedSearch(call, periodSeconds)]));
		return { kind: "expression", query, expression, searches, periodSeconds };
	});
}

function plannedMetric(query: MetricDataQuery, stat: NonNullable<MetricDataQuery["MetricStat"]>, path: string): PlannedMetric {
	const { Metric, Period, Stat, Unit } = stat;
	const { Namespace, MetricName, Dimensions = [] } = Metric;
	if (Namespace === undefined) throw validationError(`The parameter ${path}.MetricStat.Metric.Namespace is required.`);
	if (MetricName === undefined) throw validationError(`The parameter ${path}.MetricStat.Metric.MetricName is required.`);
	checkPeriod(Period, `${path}.MetricStat.Period`);
	if (query.Period !== undefined && query.Period !== Period) {
		throw validationError(
			`${path}.Period is ${query.Period} and ${path}.MetricStat.Period is ${Period}. Leave the first out: it is for expressions.`,
		);
	}
	const statistic = statisticOf(Stat);
	if (statistic === undefined) {
		throw validationError(`The value for parameter ${path}.MetricStat.Stat is not a valid statistic. It must be ${STATISTICS_ALLOWED}.`);
	}
	const identity = { Namespace, MetricName, Dimensions };
	return { kind: "metric", query, identity, statistic, statisticName: Stat, periodSeconds: Period, unit: Unit };
}

function plannedSearch({ operands }: FunctionCall, defaultPeriodSeconds: number): PlannedSearch {
	const [search, stat, period, ...more] = operands;
	if (search?.kind !== "text" || stat?.kind !== "text" || more.length > 0) {
		throw new ExpressionError(
			"SEARCH takes what to search for and a statistic, both in quotes, and a period in seconds, which may be left out",
		);
	}
	const statistic = statisticOf(stat.text);
	if (statistic === undefined)
		throw new ExpressionError(`SEARCH takes a statistic as operand 2, and has '${stat.text}'. It must be ${STATISTICS_ALLOWED}`);
	const periodSeconds = period === undefined ? defaultPeriodSeconds : numberOf(period);
	if (!isPeriod(periodSeconds)) throw new ExpressionError(`SEARCH takes a period as operand 3. It must be ${PERIODS_ALLOWED}`);
	return { matches: parseSearch(search.text), statistic, statisticName: stat.text, periodSeconds };
}

/** Quirk: a period in quotes is one, too: Grafana writes it so. */
function numberOf(expression: Expression): number {
	if (expression.kind === "number") return expression.value;
	return expression.kind === "text" ? Number(expression.text) : NaN;
}

function checkPeriod(seconds: number, parameter: string): void {
	if (!isPeriod(seconds))
		throw validationError(`The value ${seconds} for parameter ${parameter} is invalid. It must be ${PERIODS_ALLOWED}.`);
}
