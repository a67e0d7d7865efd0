import { terminated } from "../../instance-changes.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { changeStates } from "./instances/instance-states.ts";

/** Ends instances for good; they can be described for an hour (control-apis.md §2.9). */
export const TerminateInstances: Ec2Operation<"TerminateInstances"> = {
	access: ({ InstanceIds }, call) => instanceNeeds(InstanceIds, call),
	async run({ InstanceIds }, call) {
		return { TerminatingInstances: await changeStates(InstanceIds, terminated, call) };
	},
};
