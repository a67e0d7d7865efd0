import { invalidValue, reservedNamespace } from "../../cloudwatch-errors.ts";
import { constraintViolated, invalidParameterCombination, invalidParameterValue, missingParameter } from "../../errors.ts";
import type { MetricDatum } from "../../models/cloudwatch.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { checkCount, checkMetric } from "./metric-checks.ts";

/** AWS: metrics of a request, and values of one (CloudWatch API reference, PutMetricData, MetricDatum). */
const DATA_MAX = 1_000;
const VALUES_MAX = 150;
/** AWS: values are between -2^360 and 2^360. */
const VALUE_MAX = 2 ** 360;

/**
 * Looks at the data as AWS does, and takes none.
 *
 * Gap: AWS keeps the metrics of anybody who sends some; OpenIMDS has those of instance metadata, which it counts itself.
 */
export const PutMetricData: CloudwatchOperation<"PutMetricData"> = {
	access: ({ Namespace }) => [{ resource: "*", context: { "cloudwatch:namespace": Namespace } }],
	run({ Namespace, MetricData = [] }) {
		checkMetric({ Namespace });
		if (MetricData.length === 0) throw missingParameter("MetricData");
		checkCount("MetricData", MetricData, DATA_MAX);
		for (const [index, datum] of MetricData.entries()) checkDatum(datum, `MetricData.member.${index + 1}`);
		if (Namespace.startsWith("AWS/")) throw reservedNamespace();
		throw invalidParameterValue(
			`The value ${Namespace} for parameter Namespace is invalid. OpenIMDS counts the requests for instance metadata, and keeps no metrics of others.`,
		);
	},
};

function checkDatum(
	{ MetricName, Dimensions, Value, Values, Counts, StatisticValues, StorageResolution }: MetricDatum,
	path: string,
): void {
	checkMetric({ MetricName, Dimensions });
	const given = [Value, Values, StatisticValues].filter((each) => each !== undefined);
	// AWS: seen in goamz#301.
	if (given.length === 0) {
		throw invalidParameterCombination(`At least one of the parameters ${path}.Value and ${path}.StatisticValues must be specified.`);
	}
	if (given.length > 1) {
		throw invalidParameterCombination(
			`The parameters ${path}.Value, ${path}.Values and ${path}.StatisticValues are mutually exclusive and you have specified more than one.`,
		);
	}
	checkCount(`${path}.Values`, Values ?? [], VALUES_MAX);
	if (Counts !== undefined && Counts.length !== Values?.length) {
		throw invalidParameterValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
	}
	for (const value of [Value ?? [], Values ?? [], Counts ?? [], Object.values(StatisticValues ?? {})].flat() as readonly number[]) {
		if (!(Math.abs(value) <= VALUE_MAX)) throw invalidValue(`${path}.Value`, value, "a number from -2^360 to 2^360");
	}
	if (StorageResolution !== undefined && StorageResolution !== 1 && StorageResolution !== 60) {
		throw constraintViolated(`${path}.storageResolution`, StorageResolution, "be 1 or 60");
	}
}
