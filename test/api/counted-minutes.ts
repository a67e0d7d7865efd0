// A history of counts in memory, as plain as can be: every minute of every instance, one by one.

import type { ListedInstance, MetricOfInstance, MetricQuery, MetricReader, PeriodStatistics } from "../../src/observe/metric-reader.ts";

const MINUTE_MS = 60_000;

/** Whether an instance ran in a minute, and how it could be asked then. */
type Mode = "optional" | "required";

export class CountedMinutes implements MetricReader {
	readonly #counts = new Map<string, Map<number, Map<number, number>>>();
	readonly #modes = new Map<string, Map<number, Mode>>();
	/** All that was asked. */
	readonly queries: MetricQuery[] = [];
	/** What is thrown instead of an answer, if anything. */
	failure: Error | undefined;

	/** Counts requests in the minute of a time. */
	count(instanceId: string, series: number, atMs: number, requests = 1): this {
		const ofInstance = within(this.#counts, instanceId);
		const minutes = within(ofInstance, series);
		const minute = Math.floor(atMs / MINUTE_MS);
		minutes.set(minute, (minutes.get(minute) ?? 0) + requests);
		return this;
	}

	/** An instance ran from one time to before another. */
	ran(instanceId: string, fromMs: number, toMs: number, mode: Mode = "optional"): this {
		const minutes = within(this.#modes, instanceId);
		for (let minute = Math.floor(fromMs / MINUTE_MS); minute < toMs / MINUTE_MS; minute++) minutes.set(minute, mode);
		return this;
	}

	read(query: MetricQuery): Promise<readonly (readonly PeriodStatistics[])[]> {
		this.queries.push(query);
		if (this.failure !== undefined) return Promise.reject(this.failure);
		return Promise.resolve(query.metrics.map((metric) => this.#periods(metric, query)));
	}

	list(fromMs: number, toMs: number): Promise<readonly ListedInstance[]> {
		const recent = (minute: number) => minute * MINUTE_MS >= fromMs - MINUTE_MS && minute * MINUTE_MS <= toMs;
		const ids = new Set([...this.#counts.keys(), ...this.#modes.keys()]);
		const listed = [...ids].map((instanceId) => {
			const series = [...(this.#counts.get(instanceId) ?? [])].filter(([, minutes]) => [...minutes.keys()].some(recent));
			const modes = [...(this.#modes.get(instanceId) ?? [])].filter(([minute]) => recent(minute)).map(([, mode]) => mode);
			return { instanceId, series: series.map(([each]) => each), ran: modes.length > 0, ranOptional: modes.includes("optional") };
		});
		return Promise.resolve(listed.filter(({ series, ran }) => series.length > 0 || ran));
	}

	#periods(metric: MetricOfInstance, { fromMs, toMs, periodSeconds, percentiles }: MetricQuery): readonly PeriodStatistics[] {
		const periodMs = periodSeconds * 1000;
		const sampleMs = metric.sampleMinutes * MINUTE_MS;
		const samples = this.#minutes(metric).map(({ minute, value }) => ({
			atMs: Math.floor((minute * MINUTE_MS) / sampleMs) * sampleMs,
			value,
		}));
		const placed = samples.map(({ atMs, value }) => ({ startMs: Math.floor(atMs / periodMs) * periodMs, value }));
		const periods = Map.groupBy(
			placed.filter(({ startMs }) => startMs >= fromMs && startMs < toMs),
			({ startMs }) => startMs,
		);
		return [...periods]
			.map(([startMs, samples]) => {
				const values = samples.map(({ value }) => value).sort((one, other) => one - other);
				return {
					startMs,
					sampleCount: values.length,
					sum: values.reduce((sum, value) => sum + value, 0),
					minimum: values[0]!,
					maximum: values.at(-1)!,
					percentiles: percentiles.map((percentile) => percentileOf(values, percentile)),
				};
			})
			.sort((one, other) => one.startMs - other.startMs);
	}

	#minutes({ instanceId, series, zeros }: MetricOfInstance): readonly { minute: number; value: number }[] {
		const values = new Map<number, number>();
		for (const [minute, mode] of this.#modes.get(instanceId) ?? []) {
			if (zeros === "while-running" || (zeros === "while-optional" && mode === "optional")) values.set(minute, 0);
		}
		for (const each of series) {
			for (const [minute, count] of this.#counts.get(instanceId)?.get(each) ?? []) values.set(minute, (values.get(minute) ?? 0) + count);
		}
		return [...values].map(([minute, value]) => ({ minute, value }));
	}
}

/** The map that another map has at a key, which is made where it isn't there. */
function within<K, InnerK, InnerV>(map: Map<K, Map<InnerK, InnerV>>, key: K): Map<InnerK, InnerV> {
	const inner = map.get(key) ?? new Map<InnerK, InnerV>();
	map.set(key, inner);
	return inner;
}

function percentileOf(sorted: readonly number[], percentile: number): number {
	const rank = (percentile / 100) * (sorted.length - 1);
	const below = sorted[Math.floor(rank)]!;
	return below + (sorted[Math.ceil(rank)]! - below) * (rank - Math.floor(rank));
}
