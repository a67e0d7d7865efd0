import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBuckets, decodeMinutes, encodeBuckets, encodeMinutes } from "./bucket-codec.ts";
import type { SeriesOfInstance } from "./count-table.ts";
import type { BucketSize } from "./retention.ts";
import { type DayBuckets, bucketsOfMinutes } from "./roll-up.ts";

/** Which day of which series of which instance, in buckets of which size. */
export interface PackedKey {
	readonly size: BucketSize;
	readonly day: number;
	readonly series: number;
	readonly instance: number;
}

/** Counts of hours that are over, a day in one piece. */
export class PackedCounts {
	readonly #get: StatementSync;
	readonly #put: StatementSync;
	readonly #remove: StatementSync;
	readonly #next: StatementSync;
	readonly #of: StatementSync;
	readonly #kept: StatementSync;
	readonly #oldest: StatementSync;
	readonly #removeOldest: StatementSync;

	constructor(database: DatabaseSync) {
		const key = "size = ? AND day = ? AND series = ? AND instance";
		this.#get = database.prepare(`SELECT data FROM packed WHERE ${key} = ?`);
		this.#put = database.prepare("INSERT INTO packed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data");
		this.#remove = database.prepare(`DELETE FROM packed WHERE ${key} = ?`);
		this.#next = database.prepare("SELECT min(day) AS day FROM packed WHERE size = ? AND day >= ?");
		this.#of = database.prepare(`SELECT instance, data FROM packed WHERE ${key} BETWEEN ? AND ?`);
		this.#kept = database.prepare(
			"SELECT series, instance FROM packed WHERE size = ? AND day = ? AND (series, instance) > (?, ?) ORDER BY series, instance LIMIT ?",
		);
		this.#oldest = database.prepare(
			"SELECT day, series, instance FROM packed WHERE size = ? AND day < ? ORDER BY day, series, instance LIMIT ?",
		);
		this.#removeOldest = database.prepare(
			`DELETE FROM packed WHERE (size, day, series, instance) IN
			(SELECT size, day, series, instance FROM packed WHERE size = ? AND day < ? ORDER BY day, series, instance LIMIT ?)`,
		);
	}

	/** Undefined when there are no counts. Throws `DamagedFile`, as all that reads does. */
	get(key: PackedKey): DayBuckets | undefined {
		const data = this.#get.get(key.size, key.day, key.series, key.instance)?.["data"];
		return data instanceof Uint8Array ? decode(key.size, data) : undefined;
	}

	put(key: PackedKey, day: DayBuckets): void {
		const data = key.size === 1 ? encodeMinutes(day.sums) : encodeBuckets(day);
		this.#put.run(key.size, key.day, key.series, key.instance, data);
	}

	remove({ size, day, series, instance }: PackedKey): void {
		this.#remove.run(size, day, series, instance);
	}

	/** The days from the one up to, and with, the other that have buckets of a size. */
	days(size: BucketSize, from: number, to: number): number[] {
		const days: number[] = [];
		for (let day = this.#nextDay(size, from); day !== undefined && day <= to; day = this.#nextDay(size, day + 1)) days.push(day);
		return days;
	}

	/** Those of a range of instances. */
	*of({ size, day, series }: Omit<PackedKey, "instance">, first: number, last: number): Generator<readonly [number, DayBuckets]> {
		for (const row of this.#of.iterate(size, day, series, first, last)) {
			const { instance, data } = row as unknown as { readonly instance: number; readonly data: Uint8Array };
			yield [instance, decode(size, data)];
		}
	}

	/** So many of what has buckets on a day, in order, from after one on. */
	kept(size: BucketSize, day: number, after: SeriesOfInstance, limit: number): SeriesOfInstance[] {
		return this.#kept.all(size, day, after.series, after.instance, limit) as unknown as SeriesOfInstance[];
	}

	/** So many of the first that are of days before one. */
	oldest(size: BucketSize, beforeDay: number, limit: number): PackedKey[] {
		return this.#oldest
			.all(size, beforeDay, limit)
			.map(({ day, series, instance }) => ({ size, day: Number(day), series: Number(series), instance: Number(instance) }));
	}

	/** Deletes so many of the first that are of days before one; answers how many there were. */
	removeOldest(size: BucketSize, beforeDay: number, limit: number): number {
		return Number(this.#removeOldest.run(size, beforeDay, limit).changes);
	}

	#nextDay(size: BucketSize, from: number): number | undefined {
		const day = this.#next.get(size, from)?.["day"];
		return typeof day === "number" ? day : undefined;
	}
}

function decode(size: BucketSize, data: Uint8Array): DayBuckets {
	return size === 1 ? bucketsOfMinutes(decodeMinutes(data)) : decodeBuckets(data, size);
}
