import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface InstanceCount {
	readonly instance: number;
	readonly count: number;
}

export interface SeriesOfInstance {
	readonly series: number;
	readonly instance: number;
}

/** A table of counts, minute by minute. */
export class CountTable {
	readonly #add: StatementSync;
	readonly #next: StatementSync;
	readonly #of: StatementSync;
	readonly #kept: StatementSync;
	readonly #nextSeries: StatementSync;
	readonly #empty: StatementSync;

	constructor(database: DatabaseSync, name: string) {
		this.#add = database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count`);
		this.#next = database.prepare(`SELECT min(minute) AS minute FROM ${name} WHERE minute >= ?`);
		this.#of = database.prepare(`SELECT instance, count FROM ${name} WHERE minute = ? AND series = ? AND instance BETWEEN ? AND ?`);
		this.#kept = database.prepare(`SELECT series, instance FROM ${name} WHERE minute = ? AND instance >= ?`);
		this.#nextSeries = database.prepare(`SELECT min(series) AS series FROM ${name} WHERE minute = ? AND series > ?`);
		this.#empty = database.prepare(`DELETE FROM ${name}`);
	}

	add(minute: number, series: number, instance: number, count: number): void {
		this.#add.run(minute, series, instance, count);
	}

	/** The minutes from the one up to the other that have counts, in order. */
	*minutes(from: number, to: number): Generator<number> {
		for (let minute = this.#nextMinute(from); minute !== undefined && minute < to; minute = this.#nextMinute(minute + 1)) yield minute;
	}

	/** The series that have counts in a minute, in order. */
	*series(minute: number): Generator<number> {
		for (let series = -1; ; yield series) {
			const next = this.#nextSeries.get(minute, series)?.["series"];
			if (typeof next !== "number") return;
			series = next;
		}
	}

	of(minute: number, series: number, first: number, last: number): Iterable<InstanceCount> {
		return this.#of.iterate(minute, series, first, last) as Iterable<unknown> as Iterable<InstanceCount>;
	}

	/** What has counts in a minute, of instances from one on. */
	kept(minute: number, first: number): Iterable<SeriesOfInstance> {
		return this.#kept.iterate(minute, first) as Iterable<unknown> as Iterable<SeriesOfInstance>;
	}

	/** Without a condition: SQLite drops the pages and looks at no row. */
	empty(): void {
		this.#empty.run();
	}

	#nextMinute(from: number): number | undefined {
		const minute = this.#next.get(from)?.["minute"];
		return typeof minute === "number" ? minute : undefined;
	}
}
