import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { InstanceMode } from "./batch.ts";
import type { Interval } from "./intervals.ts";

export interface Span extends Interval {
	readonly mode: "optional" | "required";
}

/** When each instance ran, and whether tokens were optional then. Spans of an instance may overlap, where a clock was set back. */
export class SpanTable {
	readonly #current: StatementSync;
	readonly #touching: StatementSync;
	readonly #open: StatementSync;
	readonly #close: StatementSync;
	readonly #reopen: StatementSync;
	readonly #remove: StatementSync;
	readonly #closeAll: StatementSync;
	readonly #removeEmpty: StatementSync;
	readonly #of: StatementSync;
	readonly #removeEnded: StatementSync;

	constructor(database: DatabaseSync) {
		this.#current = database.prepare("SELECT since, mode FROM span WHERE instance = ? AND until IS NULL");
		this.#touching = database.prepare(
			"SELECT rowid AS id FROM span WHERE instance = ? AND mode = ? AND since <= ? AND until BETWEEN ? AND ? LIMIT 1",
		);
		this.#open = database.prepare("INSERT INTO span (instance, since, mode) VALUES (?, ?, ?)");
		this.#close = database.prepare("UPDATE span SET until = ? WHERE instance = ? AND until IS NULL");
		this.#reopen = database.prepare("UPDATE span SET until = NULL WHERE rowid = ?");
		this.#remove = database.prepare("DELETE FROM span WHERE instance = ? AND until IS NULL");
		this.#closeAll = database.prepare("UPDATE span SET until = ? WHERE until IS NULL");
		this.#removeEmpty = database.prepare("DELETE FROM span WHERE until <= since");
		this.#of = database.prepare("SELECT instance, since, mode, until FROM span WHERE instance BETWEEN ? AND ?");
		this.#removeEnded = database.prepare("DELETE FROM span WHERE instance BETWEEN ? AND ? AND until < ?");
	}

	/** From the minute on, the instance is in that mode. Saying what is known already changes nothing. */
	set(instance: number, minute: number, mode: InstanceMode): void {
		const current = this.#current.get(instance);
		const since = Number(current?.["since"]);
		if (current !== undefined && current["mode"] === mode && since <= minute) return;
		if (current !== undefined && since >= minute) this.#remove.run(instance);
		else if (current !== undefined) this.#close.run(minute, instance);
		if (mode === "off") return;
		// Where a span of the same mode has just ended, it goes on: a service that is started again and again leaves one.
		const touching = this.#touching.get(instance, mode, minute, minute, minute + 1)?.["id"];
		if (touching === undefined) this.#open.run(instance, minute, mode);
		else this.#reopen.run(touching);
	}

	/** Ends all spans before that minute. */
	closeAll(minute: number): void {
		this.#closeAll.run(minute);
		this.#removeEmpty.run();
	}

	/** The spans of a range of keys, by key; those that are open reach to the minute. */
	of(first: number, last: number, openUntil: number): Map<number, Span[]> {
		const spans = new Map<number, Span[]>();
		for (const row of this.#of.iterate(first, last)) {
			const span: Span = {
				from: Number(row["since"]),
				to: row["until"] === null ? openUntil : Number(row["until"]),
				mode: row["mode"] === "optional" ? "optional" : "required",
			};
			const key = Number(row["instance"]);
			const others = spans.get(key);
			if (others === undefined) spans.set(key, [span]);
			else others.push(span);
		}
		return spans;
	}

	/** Deletes those of a range of keys that ended before a minute. */
	removeEnded(first: number, last: number, before: number): void {
		this.#removeEnded.run(first, last, before);
	}
}
