import { describeHealth, describeInstance } from "./instance-description.ts";
import { instanceNamed, instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** All that is known of one instance, its metadata options among it (control-apis.md §2.11). */
export const GetInstance: LightsailApiOperation<"GetInstance"> = {
	access: instanceNeeds,
	run({ instanceName, includeHealthStatus }, call) {
		const instance = instanceNamed(instanceName, call);
		const health = includeHealthStatus === true ? describeHealth(instance) : {};
		return { instance: { ...describeInstance(instance, call), ...health } };
	},
};
