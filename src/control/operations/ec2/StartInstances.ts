import { started } from "../../instance-changes.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { changeStates } from "./instances/instance-states.ts";

/** Starts stopped instances; those that run already do (control-apis.md §2.9). */
export const StartInstances: Ec2Operation<"StartInstances"> = {
	access: ({ InstanceIds }, call) => instanceNeeds(InstanceIds, call),
	async run({ InstanceIds }, call) {
		return { StartingInstances: await changeStates(InstanceIds, started, call) };
	},
};
