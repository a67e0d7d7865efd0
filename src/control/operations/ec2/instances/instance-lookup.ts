import type { Instance } from "../../../../model/instance.ts";
import { noSuchResource } from "../../../errors.ts";
import type { Call } from "../../../operation.ts";

/**
 * The instances of these ids.
 *
 * @throws {ApiError} that names all that don't exist.
 */
export function instancesOf(instanceIds: readonly string[], { records }: Pick<Call, "records">): readonly Instance[] {
	const unknown = instanceIds.filter((instanceId) => !records.instance.has(instanceId));
	if (unknown.length > 0) throw noSuchResource("instance", unknown);
	return [...new Set(instanceIds)].map((instanceId) => records.instance.get(instanceId)!);
}

/** The instance of an id, likewise. */
export function instanceOf(instanceId: string, call: Pick<Call, "records">): Instance {
	return instancesOf([instanceId], call)[0]!;
}
