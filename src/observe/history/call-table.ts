import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { CallsDelta } from "./batch.ts";
import type { CallsRow } from "../call-reader.ts";
import { CALLS_KEPT_HOURS } from "./retention.ts";

/** Programs of one instance that are told apart. */
const PROGRAMS_MAX = 500;

/** Stands for all programs beyond those. */
const OTHER_PROGRAMS = "others";

/** Which programs called without a token, hour by hour. */
export class CallTable {
	readonly #find: StatementSync;
	readonly #count: StatementSync;
	readonly #insert: StatementSync;
	readonly #told: StatementSync;
	readonly #add: StatementSync;
	readonly #since: StatementSync;
	readonly #removeCalls: StatementSync;
	readonly #removePrograms: StatementSync;

	constructor(database: DatabaseSync) {
		this.#find = database.prepare("SELECT key FROM program WHERE instance = ? AND identity = ?");
		this.#count = database.prepare("SELECT count(*) AS count FROM program WHERE instance = ?");
		this.#insert = database.prepare("INSERT INTO program (instance, identity, facts, last_hour) VALUES (?, ?, '{}', ?) RETURNING key");
		this.#told = database.prepare("UPDATE program SET facts = ?, last_hour = max(last_hour, ?) WHERE key = ?");
		this.#add = database.prepare(
			`INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			class0 = class0 + excluded.class0, class1 = class1 + excluded.class1, class2 = class2 + excluded.class2,
			class3 = class3 + excluded.class3, class4 = class4 + excluded.class4,
			answered = answered + excluded.answered, rejected = rejected + excluded.rejected,
			first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`,
		);
		this.#since = database.prepare(
			`SELECT instance.id, identity, facts, sum(class0) AS class0, sum(class1) AS class1, sum(class2) AS class2, sum(class3) AS class3,
				sum(class4) AS class4, sum(answered) AS answered, sum(rejected) AS rejected, min(first_ms) AS first_ms, max(last_ms) AS last_ms
			FROM calls JOIN program ON program.key = calls.program JOIN instance ON instance.key = program.instance
			WHERE hour >= ? GROUP BY calls.program
			ORDER BY sum(class0 + class1 + class2 + class3 + class4) DESC, max(last_ms) DESC, instance.id, identity`,
		);
		this.#removeCalls = database.prepare(
			"DELETE FROM calls WHERE (hour, program) IN (SELECT hour, program FROM calls WHERE hour < ? ORDER BY hour, program LIMIT ?)",
		);
		this.#removePrograms = database.prepare("DELETE FROM program WHERE instance BETWEEN ? AND ? AND last_hour < ?");
	}

	add(instance: number, { key, facts, hour, classes, answered, rejected, lastMs }: CallsDelta): void {
		const { program, isOthers } = this.#programOf(instance, key, hour);
		this.#told.run(isOthers ? "{}" : facts, hour, program);
		this.#add.run(hour, program, ...classes, answered, rejected, lastMs, lastMs);
	}

	/** The calls of all hours from one on, those of the busiest programs first. */
	since(hour: number): CallsRow[] {
		return this.#since.all(hour).map(toCallsRow);
	}

	/** Deletes calls that are no longer kept at an hour, so many at most; answers how many there were. */
	removeCalls(atHour: number, limit: number): number {
		return Number(this.#removeCalls.run(atHour - CALLS_KEPT_HOURS, limit).changes);
	}

	/** Deletes the programs of a range of instances of which no calls are kept at an hour. */
	removePrograms(first: number, last: number, atHour: number): void {
		this.#removePrograms.run(first, last, atHour - CALLS_KEPT_HOURS);
	}

	#programOf(instance: number, identity: string, hour: number): { readonly program: number; readonly isOthers: boolean } {
		const known = this.#find.get(instance, identity)?.["key"];
		if (known !== undefined) return { program: Number(known), isOthers: identity === OTHER_PROGRAMS };
		if (identity !== OTHER_PROGRAMS && Number(this.#count.get(instance)?.["count"]) >= PROGRAMS_MAX) {
			return this.#programOf(instance, OTHER_PROGRAMS, hour);
		}
		return { program: Number(this.#insert.get(instance, identity, hour)?.["key"]), isOthers: identity === OTHER_PROGRAMS };
	}
}

function toCallsRow(row: Record<string, SQLOutputValue>): CallsRow {
	const number = (name: string) => Number(row[name]);
	return {
		instanceId: String(row["id"]),
		key: String(row["identity"]),
		facts: String(row["facts"]),
		classes: [number("class0"), number("class1"), number("class2"), number("class3"), number("class4")],
		answered: number("answered"),
		rejected: number("rejected"),
		firstMs: number("first_ms"),
		lastMs: number("last_ms"),
	};
}
