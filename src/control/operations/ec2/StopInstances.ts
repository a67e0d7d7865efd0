import { stopped } from "../../instance-changes.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { changeStates } from "./instances/instance-states.ts";

/** Stops running instances. Gap: hibernation and force make no difference (control-apis.md §2.9). */
export const StopInstances: Ec2Operation<"StopInstances"> = {
	access: ({ InstanceIds }, call) => instanceNeeds(InstanceIds, call),
	async run({ InstanceIds }, call) {
		return { StoppingInstances: await changeStates(InstanceIds, stopped, call) };
	},
};
