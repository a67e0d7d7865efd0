// What series are called in results.

import { dimensionOf, type MetricIdentity } from "./metric-catalogue.ts";
import type { TimeSeries } from "./time-series.ts";

/** AWS: what a search finds is told from each other by what differs; names that are all the same are left out. */
export function searchLabel(found: readonly MetricIdentity[]): (metric: MetricIdentity) => string {
	const names = new Set(found.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`));
	return ({ MetricName, Dimensions }) => [...Dimensions.map(({ Value }) => Value), ...(names.size > 1 ? [MetricName] : [])].join(" ");
}

/**
 * The label of a result.
 *
 * AWS: a query without a label has its metric's name, or its id; of several series each has the query's label and its own (CloudWatch
 * guide, "Adding a math expression to a CloudWatch graph").
 *
 * @param label the query's.
 * @param many whether the query gave an array.
 */
export function resultLabel(
	{ id, label }: { readonly id: string; readonly label: string | undefined },
	series: TimeSeries,
	many: boolean,
): string {
	if (label === undefined) return (many || series.source !== undefined ? series.label : "") || id;
	if (label.includes("${")) return dynamicLabel(label, series);
	return many ? `${label} ${series.label}`.trim() : label;
}

/**
 * Gap: of AWS's dynamic labels those of names are filled in, `${LABEL}` and `${PROP('…')}`; those of values and times stay as they are.
 */
function dynamicLabel(label: string, { label: own, source, grid }: TimeSeries): string {
	return label.replace(/\$\{(?:LABEL|PROP\('([^']*)'\))\}/g, (whole, property?: string) => {
		if (property === undefined) return own;
		if (source === undefined) return whole;
		const { identity, statistic } = source;
		const properties = {
			Namespace: identity.Namespace,
			MetricName: identity.MetricName,
			Stat: statistic,
			Period: String(grid.periodSeconds),
		};
		if (property.startsWith("Dim.")) return dimensionOf(identity, property.slice("Dim.".length)) ?? whole;
		return Object.hasOwn(properties, property) ? properties[property as keyof typeof properties] : whole;
	});
}
