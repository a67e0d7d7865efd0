import { rebooted } from "../../instance-changes.ts";
import { changeState } from "./instance-changes.ts";
import { instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** Reboots an instance, which changes nothing that can be seen from here. */
export const RebootInstance: LightsailApiOperation<"RebootInstance"> = {
	access: instanceNeeds,
	run: ({ instanceName }, call) => changeState(instanceName, "RebootInstance", call, rebooted),
};
