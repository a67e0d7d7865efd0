// How Start, Stop, Reboot and TerminateInstances change instances, and what they tell of it (control-apis.md §2.9).

import type { InstanceState } from "../../../../model/instance.ts";
import type { Transition } from "../../../instance-changes.ts";
import type { InstanceStateChange } from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { describedState } from "./instance-description.ts";
import { instancesOf } from "./instance-lookup.ts";

/** Changes the states of instances: all of them, or none where one is unknown or can't. */
export async function changeStates(
	instanceIds: readonly string[],
	transition: Transition,
	call: Call,
): Promise<readonly InstanceStateChange[]> {
	const ids = instancesOf(instanceIds, call).map(({ instanceId }) => instanceId);
	const changes = await call.inventory.updateAll("instance", ids, (instance) => transition(instance, call.nowMs));
	return changes.map(({ before, after }) => stateChange(after.instanceId, before.state, after.state));
}

function stateChange(InstanceId: string, before: InstanceState, after: InstanceState): InstanceStateChange {
	return { InstanceId, CurrentState: describedState(after), PreviousState: describedState(before) };
}
