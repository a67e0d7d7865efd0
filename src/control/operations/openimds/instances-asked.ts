import type { Instance } from "../../../model/instance.ts";
import { invalidParameterValue } from "../../errors.ts";
import type { Call } from "../../operation.ts";

const ASKED_MAX = 1000;

/** A configuration may give instances shorter ids than EC2 does, and longer ones. */
const ID = /^i-[0-9A-Za-z]{1,64}$/;

/**
 * The ids that are asked for, each once.
 *
 * @returns `undefined`: none are, which means all instances.
 * @throws {ApiError} for too many, and for what is none.
 */
export function instancesAsked(instanceIds: readonly string[] = []): readonly string[] | undefined {
	if (instanceIds.length === 0) return undefined;
	if (instanceIds.length > ASKED_MAX) {
		throw invalidParameterValue(`${instanceIds.length} instanceIds are too many. Specify at most ${ASKED_MAX}, or none for all instances.`);
	}
	const malformed = instanceIds.find((id) => !ID.test(id));
	if (malformed !== undefined)
		throw invalidParameterValue(`Invalid value '${malformed.slice(0, 64)}' for instanceIds. Specify ids such as i-1234567890abcdef0.`);
	return [...new Set(instanceIds)];
}

/**
 * The instances that are asked for; without ids, all that have not ended.
 *
 * @throws {ApiError} likewise, and for ids of no instance.
 */
export function instancesOfAccount(instanceIds: readonly string[] | undefined, { records }: Pick<Call, "records">): readonly Instance[] {
	const asked = instancesAsked(instanceIds);
	if (asked === undefined) {
		return [...records.instance.values()].filter(({ state }) => state !== "terminated" && state !== "shutting-down");
	}
	return asked.map((instanceId) => {
		const instance = records.instance.get(instanceId);
		if (instance === undefined) throw invalidParameterValue(`The instance ID '${instanceId}' does not exist.`);
		return instance;
	});
}
