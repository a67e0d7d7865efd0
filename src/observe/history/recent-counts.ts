import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CountTable, type InstanceCount, type SeriesOfInstance } from "./count-table.ts";

/**
 * Counts that are not packed yet, in two tables: one is written to, the other is packed, instance after instance, and emptied at the end.
 * So packing neither deletes row by row, each in another page, nor meets counts that come late.
 */
export class RecentCounts {
	readonly #tables: readonly [CountTable, CountTable];
	readonly #load: StatementSync;
	readonly #save: StatementSync;
	#written: 0 | 1 = 0;
	/** Instances below this are packed, though their rows are still in the table that is being packed. */
	#packedBelow = 0;
	#hour = 0;

	constructor(database: DatabaseSync) {
		this.#tables = [new CountTable(database, "recent0"), new CountTable(database, "recent1")];
		this.#load = database.prepare("SELECT written, packed_below, hour FROM packing");
		this.#save = database.prepare("UPDATE packing SET written = ?, packed_below = ?, hour = ?");
		this.reload();
	}

	/** After a transaction that failed: what it changed is as it was. */
	reload(): void {
		const row = this.#load.get();
		this.#written = row?.["written"] === 1 ? 1 : 0;
		this.#packedBelow = Number(row?.["packed_below"]);
		this.#hour = Number(row?.["hour"]);
	}

	add(minute: number, series: number, instance: number, count: number): void {
		this.#tables[this.#written].add(minute, series, instance, count);
	}

	/** The minutes from the one up to the other that have counts, in order. */
	minutes(from: number, to: number): number[] {
		const minutes = new Set(this.#tables.flatMap((table) => [...table.minutes(from, to)]));
		return [...minutes].toSorted((a, b) => a - b);
	}

	/** An instance may come twice. */
	*of(minute: number, series: number, first: number, last: number): Generator<InstanceCount> {
		yield* this.#tables[this.#written].of(minute, series, first, last);
		yield* this.packed.of(minute, series, Math.max(first, this.#packedBelow), last);
	}

	/** What has counts in a minute; it may come twice. */
	*kept(minute: number): Generator<SeriesOfInstance> {
		yield* this.#tables[this.#written].kept(minute, 0);
		yield* this.packed.kept(minute, this.#packedBelow);
	}

	/** The table that is being packed. */
	get packed(): CountTable {
		return this.#tables[this.#written === 0 ? 1 : 0];
	}

	get packedBelow(): number {
		return this.#packedBelow;
	}

	/** When another hour has begun, what was written so far is to be packed; nothing of what was before may be left. Answers whether it has. */
	turnTo(hour: number): boolean {
		if (hour === this.#hour) return false;
		this.#put(this.#written === 0 ? 1 : 0, 0, hour);
		return true;
	}

	/** Instances up to, and with, one are packed. */
	setPacked(instance: number): void {
		this.#put(this.#written, instance + 1, this.#hour);
	}

	/** All are packed. */
	emptyPacked(): void {
		this.packed.empty();
		this.#put(this.#written, 0, this.#hour);
	}

	#put(written: 0 | 1, packedBelow: number, hour: number): void {
		this.#save.run(written, packedBelow, hour);
		this.#written = written;
		this.#packedBelow = packedBelow;
		this.#hour = hour;
	}
}
