import { adviceFor, type CallerFacts } from "../../../attribution/caller-facts.ts";
import type { Instance } from "../../../model/instance.ts";
import type { CallsRow } from "../../../observe/call-reader.ts";
import { PATH_CLASSES } from "../../../observe/path-class.ts";
import type { V1Caller } from "../../models/openimds.ts";
import type { Records } from "../../inventory.ts";

/** Callers as the API tells of them. */
export function describedCallers(rows: readonly CallsRow[], records: Records): readonly V1Caller[] {
	return rows.map((row) => describedCaller(row, records));
}

function describedCaller(row: CallsRow, records: Records): V1Caller {
	const { sdk, ...facts } = JSON.parse(row.facts) as CallerFacts;
	const instance = records.instance.get(row.instanceId);
	const byPath = PATH_CLASSES.map((name, index) => [name, row.classes[index] ?? 0] as const).filter(([, count]) => count > 0);
	return {
		instanceId: row.instanceId,
		instanceName: instance && nameOf(instance),
		...facts,
		sdkName: sdk?.name,
		sdkVersion: sdk?.version,
		calls: row.classes.reduce((sum, count) => sum + count, 0),
		answered: row.answered,
		rejected: row.rejected,
		callsByPath: Object.fromEntries(byPath),
		firstSeen: new Date(row.firstMs),
		lastSeen: new Date(row.lastMs),
		advice: adviceFor({ ...facts, ...(sdk && { sdk }) }),
	};
}

/** What people call it. */
export function nameOf({ tags }: Instance): string | undefined {
	return tags.find(({ key }) => key === "Name")?.value;
}
