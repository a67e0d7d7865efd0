import { rebooted } from "../../instance-changes.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { changeStates } from "./instances/instance-states.ts";

/** Reboots instances, which changes nothing that can be seen from here (control-apis.md §2.9). */
export const RebootInstances: Ec2Operation<"RebootInstances"> = {
	access: ({ InstanceIds }, call) => instanceNeeds(InstanceIds, call),
	async run({ InstanceIds }, call) {
		await changeStates(InstanceIds, rebooted, call);
	},
};
