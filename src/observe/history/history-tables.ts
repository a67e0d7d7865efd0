import type { DatabaseSync } from "node:sqlite";
import { CallTable } from "./call-table.ts";
import { InstanceTable } from "./instance-table.ts";
import { PackedCounts } from "./packed-counts.ts";
import { RecentCounts } from "./recent-counts.ts";
import { SpanTable } from "./span-table.ts";

/** What is in the file, table by table. */
export interface HistoryTables {
	readonly database: DatabaseSync;
	readonly instances: InstanceTable;
	readonly recent: RecentCounts;
	readonly packed: PackedCounts;
	readonly spans: SpanTable;
	readonly calls: CallTable;
	/** How often housekeeping has moved counts: who looked where they are, looks again. */
	moves: number;
}

export function historyTables(database: DatabaseSync): HistoryTables {
	return {
		database,
		instances: new InstanceTable(database),
		recent: new RecentCounts(database),
		packed: new PackedCounts(database),
		spans: new SpanTable(database),
		calls: new CallTable(database),
		moves: 0,
	};
}

/** All of it is written, or an error thrown and none of it. */
export function transaction({ database, instances, recent }: HistoryTables, write: () => void): void {
	try {
		database.exec("BEGIN");
		write();
		database.exec("COMMIT");
	} catch (error) {
		// SQLite has done so itself after some errors.
		if (database.isTransaction) database.exec("ROLLBACK");
		instances.rolledBack();
		recent.reload();
		throw error;
	}
}
