import { terminated } from "../../instance-changes.ts";
import { changeState } from "./instance-changes.ts";
import { instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/**
 * Deletes an instance: its name is free at once. Its add-ons go with it, whatever `forceDeleteAddOns` says.
 *
 * AWS: the operation has succeeded when it is told of (CLI reference, delete-instance).
 */
export const DeleteInstance: LightsailApiOperation<"DeleteInstance"> = {
	access: instanceNeeds,
	run: ({ instanceName }, call) => changeState(instanceName, "DeleteInstance", call, terminated),
};
