// How operations change one instance, and leave a note of it.

import type { Instance } from "../../../model/instance.ts";
import type { LightsailOperation } from "../../../model/lightsail-operation.ts";
import { hasLightsailName } from "../../../model/lightsail-name.ts";
import { ApiError } from "../../errors.ts";
import { doesNotExist, operationFailure } from "../../lightsail-errors.ts";
import type * as lightsail from "../../models/lightsail.ts";
import type { Transition } from "../../instance-changes.ts";
import type { Call } from "../../operation.ts";
import { instanceNamed, type LightsailInstance } from "./instance-lookup.ts";
import { newOperationId, recordOperations } from "./operation-records.ts";

type OperationType = LightsailOperation["operationType"];

/**
 * Changes an instance.
 *
 * @param change pure; may run several times.
 * @throws {ApiError} where there is none of the name, and what `change` throws.
 */
export async function changeInstance(
	instanceName: string,
	operationType: OperationType,
	call: Call,
	change: (instance: LightsailInstance, operationId: string) => Instance,
): Promise<lightsail.Operation> {
	const { instanceId } = instanceNamed(instanceName, call);
	const operationId = newOperationId();
	const after = await call.inventory.update("instance", instanceId, (before) => {
		if (!hasLightsailName(before) || before.lightsail.name !== instanceName) throw doesNotExist("Instance", instanceName); // Deleted meanwhile.
		return change(before, operationId);
	});
	if (after === undefined) throw doesNotExist("Instance", instanceName);
	const [operation] = await recordOperations(operationType, [{ instance: after as LightsailInstance, operationId }], call);
	return operation!;
}

/** Changes the state of an instance. Where it is so already, the operation is done as soon as it is begun. */
export async function changeState(
	instanceName: string,
	operationType: OperationType,
	call: Call,
	transition: Transition,
): Promise<{ readonly operations: readonly lightsail.Operation[] }> {
	const operation = await changeInstance(instanceName, operationType, call, (before, operationId) => {
		const after = inLightsailsWords(before, () => transition(before, call.nowMs));
		return after === before ? before : { ...after, lightsail: { ...before.lightsail, ...after.lightsail, operationId } };
	});
	return { operations: [operation] };
}

/** EC2's errors name an id that nobody here has seen. */
function inLightsailsWords(instance: LightsailInstance, change: () => Instance): Instance {
	try {
		return change();
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		throw operationFailure(error.message.replaceAll(instance.instanceId, instance.lightsail.name));
	}
}
