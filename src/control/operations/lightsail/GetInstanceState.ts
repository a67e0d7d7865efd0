import { describeState } from "./instance-description.ts";
import { instanceNamed, instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** The state of an instance. */
export const GetInstanceState: LightsailApiOperation<"GetInstanceState"> = {
	access: instanceNeeds,
	run: ({ instanceName }, call) => ({ state: describeState(instanceNamed(instanceName, call)) }),
};
