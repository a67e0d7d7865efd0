// Alarms, evaluated: every minute, by what was counted until then.

import { type Alarm, alarmId } from "../../model/alarm.ts";
import type { MetricReader } from "../../observe/metric-reader.ts";
import { type AlarmPlan, alarmPlan } from "./alarm-plan.ts";
import { stateReason, stateReasonData } from "./alarm-reason.ts";
import { evaluateAlarm, evaluationRange } from "./alarm-state.ts";
import type { Inventory } from "../inventory.ts";
import { computeQueries, type Grids, type WantedSeries, wantedSeries } from "../metrics/query-plan.ts";
import { readValues } from "../metrics/read-values.ts";
import type { TimeGrid } from "../metrics/time-grid.ts";
import type { TimeSeries } from "../metrics/time-series.ts";

const MINUTE_MS = 60_000;
/** Behind the full minute: timers may be early. */
const BEHIND_MS = 100;

/** How alarms are bound into a service. */
export interface AlarmSurroundings {
	readonly nowMs: () => number;
	/** Told of each alarm that came into another state, once that is written. */
	readonly changed: (alarm: Alarm, before: Alarm) => void;
	/** Told of what could not be read, evaluated or written; it is tried again with the next minute. */
	readonly failed: (error: unknown) => void;
}

/** An alarm, and all that is needed to evaluate it. */
interface Watch {
	readonly alarm: Alarm;
	readonly plan: AlarmPlan;
	readonly rangeLength: number;
}

interface ReadSeries extends WantedSeries {
	readonly values: Float64Array;
}

/**
 * Evaluates all alarms at every full minute, with one question a period to whoever keeps the history, and writes those that changed.
 *
 * Gap: AWS's periods end with the minute of the evaluation; here they begin at multiples of their length, and are evaluated once they are
 * over. Periods of 10, 20 and 30 seconds are evaluated as minutes.
 */
export class Alarms {
	readonly #inventory: Inventory;
	readonly #metrics: MetricReader;
	readonly #surroundings: AlarmSurroundings;
	/** Plans by what they were made of: it is another object once an alarm is overwritten. */
	readonly #plans = new WeakMap<Alarm["configuration"], AlarmPlan>();
	#timer: NodeJS.Timeout | undefined;
	#running = false;

	constructor(inventory: Inventory, metrics: MetricReader, surroundings: AlarmSurroundings) {
		this.#inventory = inventory;
		this.#metrics = metrics;
		this.#surroundings = surroundings;
	}

	/** Begins; to begin again changes nothing. Loads the inventory: to be called once there is an alarm. */
	start(): void {
		if (this.#running) return;
		this.#running = true;
		this.#await();
	}

	/** Nothing is evaluated any more. */
	stop(): void {
		this.#running = false;
		clearTimeout(this.#timer);
	}

	/** Evaluates every alarm as of a time. Never throws: what fails is told, and is there again the next time. */
	async evaluateAll(nowMs: number): Promise<void> {
		try {
			const { alarm: alarms, instance: instances, account } = await this.#inventory.records();
			const accountId = account.get("default")?.accountId ?? "";
			const watches = [...alarms.values()].flatMap((alarm) => this.#watchOf(alarm, accountId));
			const grids = gridsOf(watches, nowMs);
			const wanted = watches.flatMap(({ plan, alarm }) =>
				wantedSeries(plan.queries, { grids, instances, found: [] }).map((each) => ({ ...each, alarm })),
			);
			const values = await readValues(this.#metrics, wanted);
			const read = Map.groupBy(
				wanted.map((each, index) => ({ ...each, values: values[index]! })),
				({ alarm }) => alarm,
			);
			const settled = watches.map((watch) => this.#settle(watch, read.get(watch.alarm) ?? [], grids, nowMs));
			for (const result of await Promise.allSettled(settled)) if (result.status === "rejected") this.#surroundings.failed(result.reason);
		} catch (error) {
			this.#surroundings.failed(error);
		}
	}

	#await(): void {
		const delayMs = MINUTE_MS - (this.#surroundings.nowMs() % MINUTE_MS) + BEHIND_MS;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#evaluateAndAwait(), delayMs).unref();
	}

	async #evaluateAndAwait(): Promise<void> {
		await this.evaluateAll(this.#surroundings.nowMs());
		if (this.#running) this.#await();
	}

	#watchOf(alarm: Alarm, accountId: string): readonly Watch[] {
		const { configuration } = alarm;
		try {
			const plan = this.#plans.get(configuration) ?? alarmPlan(configuration, accountId);
			this.#plans.set(configuration, plan);
			return [{ alarm, plan, rangeLength: evaluationRange(configuration) }];
		} catch (error) {
			// It was checked when it was put: this is a store of another version of this program.
			this.#surroundings.failed(error);
			return [];
		}
	}

	async #settle(watch: Watch, read: readonly ReadSeries[], grids: Grids, nowMs: number): Promise<void> {
		const { alarm: evaluated } = watch;
		const { configuration } = evaluated;
		const series = watchedSeries(watch, read, grids);
		const evaluation = evaluateAlarm(series.values, configuration);
		const { state } = evaluation;
		if (state === undefined || state === evaluated.state) return;
		const facts = { state, evaluation, series };
		let before: Alarm | undefined;
		const after = await this.#inventory.update("alarm", alarmId(evaluated.alarmName), (now) => {
			before = now;
			// Overwritten meanwhile, or set: the next minute decides.
			if (now.configurationUpdatedAtMs !== evaluated.configurationUpdatedAtMs || now.state !== evaluated.state) return now;
			return {
				...now,
				state,
				stateReason: stateReason(facts, configuration),
				stateReasonData: stateReasonData(facts, configuration, nowMs),
				stateUpdatedAtMs: nowMs,
				stateTransitionedAtMs: nowMs,
			};
		});
		if (after !== undefined && before !== undefined && after !== before) this.#surroundings.changed(after, before);
	}
}

/** For each period the periods that are over, as many as the alarm takes that looks back farthest. */
function gridsOf(watches: readonly Watch[], nowMs: number): Grids {
	const grids = new Map<number, TimeGrid>();
	for (const [periodSeconds, ofPeriod] of Map.groupBy(watches, ({ plan }) => plan.periodSeconds)) {
		const length = Math.max(...ofPeriod.map(({ rangeLength }) => rangeLength));
		const stepMs = Math.max(MINUTE_MS, periodSeconds * 1000);
		grids.set(periodSeconds, { fromMs: (Math.floor(nowMs / stepMs) - length) * stepMs, periodSeconds, stepMs, length });
	}
	return (periodSeconds) => grids.get(periodSeconds)!;
}

/** What an alarm watches, over its own range. */
function watchedSeries({ plan, rangeLength }: Watch, read: readonly ReadSeries[], grids: Grids): TimeSeries {
	const own: Grids = (periodSeconds) => {
		const grid = grids(periodSeconds);
		return { ...grid, fromMs: grid.fromMs + (grid.length - rangeLength) * grid.stepMs, length: rangeLength };
	};
	const results = computeQueries(plan.queries, {
		grids: own,
		seriesOf: (query) =>
			read
				.filter(({ of }) => of === query)
				.map(({ series, values }) => ({ ...series, grid: own(query.periodSeconds), values: values.slice(-rangeLength) })),
		spend() {},
	});
	return results.get(plan.watchedId) as TimeSeries;
}
