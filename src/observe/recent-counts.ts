import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Counts of minutes whose hour isn't packed yet. */
export class RecentCounts {
	readonly #add: StatementSync;
	readonly #next: StatementSync;
	readonly #of: StatementSync;
	readonly #kept: StatementSync;
	readonly #take: StatementSync;

	constructor(database: DatabaseSync) {
		this.#add = database.prepare("INSERT INTO recent VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count");
		this.#next = database.prepare("SELECT min(minute) AS minute FROM recent WHERE minute >= ?");
		this.#of = database.prepare("SELECT instance, count FROM recent WHERE minute = ? AND series = ? AND instance BETWEEN ? AND ?");
		this.#of.setReturnArrays(true);
		this.#kept = database.prepare("SELECT series, instance FROM recent WHERE minute = ?");
		this.#kept.setReturnArrays(true);
		this.#take = database.prepare(
			"DELETE FROM recent WHERE minute = ? AND series = ? AND instance BETWEEN ? AND ? RETURNING instance, count",
		);
		this.#take.setReturnArrays(true);
	}

	add(minute: number, series: number, instance: number, count: number): void {
		this.#add.run(minute, series, instance, count);
	}

	/** The first minute, of those from one on, that has counts. */
	next(from: number): number | undefined {
		const minute = this.#next.get(from)?.["minute"];
		return typeof minute === "number" ? minute : undefined;
	}

	/** The minutes from the one up to the other that have counts. */
	minutes(from: number, to: number): number[] {
		const minutes: number[] = [];
		for (let minute = this.next(from); minute !== undefined && minute < to; minute = this.next(minute + 1)) minutes.push(minute);
		return minutes;
	}

	/** Pairs of instance and count. */
	of(minute: number, series: number, first: number, last: number): Iterable<readonly [number, number]> {
		return this.#of.iterate(minute, series, first, last) as Iterable<unknown> as Iterable<[number, number]>;
	}

	/** Pairs of series and instance that have counts in a minute. */
	kept(minute: number): Iterable<readonly [number, number]> {
		return this.#kept.iterate(minute) as Iterable<unknown> as Iterable<[number, number]>;
	}

	/** Takes pairs of instance and count out of the table. */
	take(minute: number, series: number, first: number, last: number): Iterable<readonly [number, number]> {
		return this.#take.all(minute, series, first, last) as unknown as [number, number][];
	}
}
