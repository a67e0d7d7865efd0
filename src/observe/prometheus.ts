// What Prometheus reads, in its text format. The library is loaded with the first scrape: who is never asked pays nothing.

import type { MetricObject, Registry } from "prom-client";
import { LATENCY_BOUNDS_SECONDS, type LatencyHistogram } from "./latency-histogram.ts";

/** One metric: plain numbers that somebody else keeps, looked up when they are asked for. */
export interface Exposed {
	readonly name: string;
	readonly help: string;
	readonly type: "counter" | "gauge";
	readonly samples: () => readonly Sample[] | Promise<readonly Sample[]>;
}

export interface Sample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** A metric without labels. */
export function single(type: Exposed["type"], name: string, help: string, value: () => number | Promise<number>): Exposed {
	return { type, name, help, samples: async () => [{ labels: {}, value: await value() }] };
}

/** Writes metrics in Prometheus' text format. */
export class Exposition {
	readonly #metrics: readonly Exposed[];
	readonly #latency: LatencyHistogram;
	#registry: Promise<Registry> | undefined;

	constructor(metrics: readonly Exposed[], latency: LatencyHistogram) {
		this.#metrics = metrics;
		this.#latency = latency;
	}

	/** The text, and its content type. */
	async text(): Promise<{ readonly contentType: string; readonly text: string }> {
		const registry = await (this.#registry ??= this.#register());
		return { contentType: registry.contentType, text: await registry.metrics() };
	}

	async #register(): Promise<Registry> {
		const { Registry } = await import("prom-client");
		const registry = new Registry();
		for (const { name, help, type, samples } of this.#metrics) {
			register(registry, { name, help, type }, samples);
		}
		const name = "openimds_request_duration_seconds";
		const help = "From the arrival of a metadata request to its written answer, of the first in each millisecond.";
		register(registry, { name, help, type: "histogram" }, () => histogramValues(name, this.#latency));
		return registry;
	}
}

interface Value {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
	readonly metricName?: string;
}

/** Quirk: the library's own metrics keep their numbers themselves; what it prints of a metric is all that it asks of one, though. */
function register(
	registry: Registry,
	{ name, help, type }: Pick<MetricObject, "name" | "help"> & { type: string },
	values: () => readonly Value[] | Promise<readonly Value[]>,
): void {
	const get = async () => ({ name, help, type, aggregator: "sum", values: await values() });
	const metric = { name, help, type, aggregator: "sum", get };
	registry.registerMetric(metric as unknown as Parameters<Registry["registerMetric"]>[0]);
}

function histogramValues(name: string, { buckets, sumMs }: LatencyHistogram): Value[] {
	let count = 0;
	const bounds = [...LATENCY_BOUNDS_SECONDS.map(String), "+Inf"];
	return [
		...bounds.map((le, index) => ({ metricName: `${name}_bucket`, labels: { le }, value: (count += buckets[index] ?? 0) })),
		{ metricName: `${name}_sum`, labels: {}, value: sumMs / 1000 },
		{ metricName: `${name}_count`, labels: {}, value: count },
	];
}
