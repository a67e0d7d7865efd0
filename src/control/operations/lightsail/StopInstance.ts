import { stopped } from "../../instance-changes.ts";
import { changeState } from "./instance-changes.ts";
import { instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** Stops a running instance; `force` is for one that is stuck, and none is here. */
export const StopInstance: LightsailApiOperation<"StopInstance"> = {
	access: instanceNeeds,
	run: ({ instanceName }, call) => changeState(instanceName, "StopInstance", call, stopped),
};
