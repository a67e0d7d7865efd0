import type { Instance } from "../../../../model/instance.ts";
import { noSuchResource } from "../../../errors.ts";
import type { Call } from "../../../operation.ts";

type World = Pick<Call, "records">;

/**
 * The instances there are.
 *
 * AWS: those of Lightsail are in an account of its own there, and no API of EC2 sees them. Their addresses are taken all the same.
 */
export function allInstances({ records }: World): readonly Instance[] {
	return [...records.instance.values()].filter(isOfEc2);
}

/** The instance of an id, if it is there. */
export function findInstance(instanceId: string, { records }: World): Instance | undefined {
	const instance = records.instance.get(instanceId);
	return instance !== undefined && isOfEc2(instance) ? instance : undefined;
}

/**
 * The instances of these ids.
 *
 * @throws {ApiError} that names all that don't exist.
 */
export function instancesOf(instanceIds: readonly string[], world: World): readonly Instance[] {
	const unknown = instanceIds.filter((instanceId) => findInstance(instanceId, world) === undefined);
	if (unknown.length > 0) throw noSuchResource("instance", unknown);
	return [...new Set(instanceIds)].map((instanceId) => findInstance(instanceId, world)!);
}

/** The instance of an id, likewise. */
export function instanceOf(instanceId: string, world: World): Instance {
	return instancesOf([instanceId], world)[0]!;
}

function isOfEc2({ lightsail }: Instance): boolean {
	return lightsail === undefined;
}
