import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch, InstanceMode } from "./batch.ts";
import type { CallsRow, LastCalls, Observed } from "../call-reader.ts";
import { type CountedTime, GAP_MINUTES, advance, isContinuous } from "./counted-time.ts";
import { type HistoryTables, historyTables, transaction } from "./history-tables.ts";
import { keepHouse, sweep } from "./housekeeping.ts";
import { listInstances } from "./list-instances.ts";
import type { ListedInstance, MetricQuery } from "../metric-reader.ts";
import { DAY_MINUTES, minuteOf } from "./minute.ts";
import { type Observation, observeInstances } from "./observe-instances.ts";
import { type MetricRows, readMetrics } from "./read-metrics.ts";
import { SERIES_COUNT } from "../request-series.ts";

/** What batches refer to. */
export interface KnownInstances {
	/** By handle. */
	readonly ids: readonly string[];
	/** The modes that are in force, by id. */
	readonly modes: ReadonlyMap<string, InstanceMode>;
}

const NUMBERS_IN_COUNT = 4;

/**
 * The history in its file. What takes long comes in slices, between which others may have their turn; answers are the slices put together.
 * All that reads or writes may throw what SQLite throws, or `DamagedFile`: see `troubleOf`.
 */
export class HistoryFile {
	readonly #tables: HistoryTables;
	readonly #saveTime: StatementSync;
	#time: CountedTime | undefined;
	/** Whether nobody counted since the last batch in the file. */
	#isInterrupted = true;
	#sweptDay: number | undefined;

	constructor(database: DatabaseSync) {
		this.#tables = historyTables(database);
		this.#saveTime = database.prepare("REPLACE INTO counted_time (rowid, counted_to, retention_minute, ahead_minutes) VALUES (1, ?, ?, ?)");
		const time = database.prepare("SELECT * FROM counted_time").get();
		if (time === undefined) return;
		this.#time = {
			countedTo: Number(time["counted_to"]),
			retentionMinute: Number(time["retention_minute"]),
			aheadMinutes: Number(time["ahead_minutes"]),
		};
	}

	/** Writes a batch, all of it or nothing. Throws a `RangeError` when it can't be right. */
	apply(batch: Batch, known: KnownInstances): void {
		const minute = minuteOf(batch.atMs);
		const time = advance(this.#time, minute);
		const isContinuation = !this.#isInterrupted && isContinuous(this.#time, minute);
		// A quiet fleet writes nothing but the time, once a minute.
		if (isContinuation && isEmpty(batch) && minute === this.#time?.countedTo) return;
		transaction(this.#tables, () => {
			if (!isContinuation) this.#beginAnew(minute, known);
			this.#saveTime.run(time.countedTo, time.retentionMinute, time.aheadMinutes);
			this.#addCounts(batch, known);
			this.#addRest(batch, minute, isContinuation ? minute - GAP_MINUTES : minute);
		});
		this.#time = time;
		this.#isInterrupted = false;
	}

	*read(query: MetricQuery): Generator<readonly MetricRows[]> {
		if (this.#time !== undefined) yield* readMetrics(this.#tables, query, this.#time);
	}

	*list(fromMs: number, toMs: number): Generator<readonly ListedInstance[]> {
		if (this.#time !== undefined) yield* listInstances(this.#tables, fromMs, toMs, this.#time);
	}

	*observed(observation: Observation): Generator<readonly Observed[]> {
		if (this.#time !== undefined) yield* observeInstances(this.#tables, observation, this.#time);
	}

	calls(sinceMs: number): readonly CallsRow[] {
		return this.#tables.calls.since(Math.floor(sinceMs / 3_600_000));
	}

	lastCalls(): readonly LastCalls[] {
		return this.#tables.instances.lastCalls();
	}

	/** Packs, rolls up and deletes what there is by now: nothing, most of the time. */
	*keepHouse(): Generator<void> {
		if (this.#time === undefined) return;
		yield* keepHouse(this.#tables, this.#time);
		const day = Math.floor(this.#time.retentionMinute / DAY_MINUTES);
		if (day === this.#sweptDay) return;
		yield* sweep(this.#tables, this.#time);
		this.#sweptDay = day;
	}

	close(): void {
		this.#tables.database.close();
	}

	/** What ran until the counting ended goes on when it begins again; nobody knows of the time between. */
	#beginAnew(minute: number, { modes }: KnownInstances): void {
		if (this.#time !== undefined) this.#tables.spans.closeAll(this.#time.countedTo + 1);
		for (const [id, mode] of modes) this.#tables.spans.set(this.#tables.instances.keyOf(id, minute), minute, mode);
	}

	#addCounts({ atMs, counts }: Batch, { ids }: KnownInstances): void {
		const { instances, recent } = this.#tables;
		for (let n = 0; n < counts.length; n += NUMBERS_IN_COUNT) {
			const [handle = 0, minute = 0, series = 0, count = 0] = counts.subarray(n, n + NUMBERS_IN_COUNT);
			const id = ids[handle];
			if (id === undefined) throw new RangeError(`no instance has the handle ${handle}: there are ${ids.length}`);
			if (series >= SERIES_COUNT) throw new RangeError(`there is no series ${series}: 0 to ${SERIES_COUNT - 1}`);
			if (count > 0) recent.add(minute, series, instances.keyOf(id, minuteOf(atMs)), count);
		}
	}

	/** @param earliest the first minute that a mode may be from: nobody knows whether it was in force in a time that wasn't counted. */
	#addRest({ modes, calls, lastCalls }: Batch, minute: number, earliest: number): void {
		const { instances, spans, calls: callTable } = this.#tables;
		for (const { instanceId, minute: since, mode } of modes) {
			spans.set(instances.keyOf(instanceId, minute), Math.min(minute, Math.max(earliest, since)), mode);
		}
		for (const delta of calls) callTable.add(instances.keyOf(delta.instanceId, minute), delta);
		for (const last of lastCalls) instances.setLastCalls(instances.keyOf(last.instanceId, minute), last);
	}
}

function isEmpty({ counts, modes, calls, lastCalls }: Batch): boolean {
	return counts.length + modes.length + calls.length + lastCalls.length === 0;
}
