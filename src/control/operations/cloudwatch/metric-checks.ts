// What the operations on metrics require alike (CloudWatch API reference).

import { ApiError, constraintViolated, invalidParameterValue } from "../../errors.ts";

/** AWS: characters of namespaces and names, dimensions of a metric. */
const NAME_MAX = 255;
const DIMENSIONS_MAX = 30;
const DIMENSION_VALUE_MAX = 1_024;

/** How a metric is named in a request. */
interface NamedMetric {
	readonly Namespace?: string | undefined;
	readonly MetricName?: string | undefined;
	readonly Dimensions?: readonly { readonly Name: string; readonly Value?: string | undefined }[] | undefined;
}

/**
 * Looks at the name of a metric, which need not be one that there is.
 *
 * @throws {ApiError} for names that no metric can have.
 */
export function checkMetric({ Namespace, MetricName, Dimensions = [] }: NamedMetric): void {
	checkLength("namespace", Namespace, NAME_MAX);
	if (Namespace?.startsWith(":")) throw constraintViolated("namespace", Namespace, "satisfy regular expression pattern: [^:].*");
	checkLength("metricName", MetricName, NAME_MAX);
	checkCount("Dimensions", Dimensions, DIMENSIONS_MAX);
	for (const [index, { Name, Value }] of Dimensions.entries()) {
		checkLength(`dimensions.${index + 1}.member.name`, Name, NAME_MAX);
		checkLength(`dimensions.${index + 1}.member.value`, Value, DIMENSION_VALUE_MAX);
	}
}

/** Looks at how many things there are in a list. */
export function checkCount(parameter: string, { length }: readonly unknown[], max: number): void {
	if (length > max) throw invalidParameterValue(`The collection ${parameter} must not have a size greater than ${max}.`);
}

/** Looks at a text, where there is one. */
export function checkLength(member: string, text: string | undefined, max: number): void {
	if (text === "") throw constraintViolated(member, text, "have length greater than or equal to 1");
	if (text !== undefined && text.length > max) throw constraintViolated(member, text, `have length less than or equal to ${max}`);
}

/**
 * Looks at a time that begins and ends.
 *
 * AWS: GetMetricStatistics calls a mistake InvalidParameterValue, GetMetricData ValidationError (seen in telegraf#2022, beats#32687).
 */
export function checkTime({ StartTime, EndTime }: { readonly StartTime: Date; readonly EndTime: Date }, code: string): void {
	if (StartTime.getTime() === EndTime.getTime()) throw new ApiError(code, "The parameter StartTime must not equal parameter EndTime.");
	if (StartTime > EndTime) throw new ApiError(code, "The parameter StartTime must be less than the parameter EndTime.");
}
