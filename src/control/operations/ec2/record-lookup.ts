import type { RecordTypes } from "../../../model/records.ts";
import { noSuchResource, type ResourceType } from "../../errors.ts";
import type { Call } from "../../operation.ts";

/** The kinds of records that are looked up by the ids of the resources they are. */
type Kind = Extract<ResourceType, "vpc" | "subnet" | "security-group">;

/**
 * The records of these ids, each once; without ids, all there are.
 *
 * @throws {ApiError} that names all that don't exist.
 */
export function recordsOf<K extends Kind>(kind: K, ids: readonly string[] | undefined, { records }: Call): readonly RecordTypes[K][] {
	const all = records[kind] as ReadonlyMap<string, RecordTypes[K]>;
	return ids === undefined ? [...all.values()] : chosen(kind, ids, all);
}

/** The things of these ids, each once, out of all there are by id; likewise. */
export function chosen<T>(type: ResourceType, ids: readonly string[], all: ReadonlyMap<string, T>): readonly T[] {
	const unknown = ids.filter((id) => !all.has(id));
	if (unknown.length > 0) throw noSuchResource(type, unknown);
	return [...new Set(ids)].map((id) => all.get(id)!);
}
