// What somebody may make of an instance, whichever API is asked (control-apis.md §1.2, §2.9); time does the rest: control/lifecycle.ts.
// All of it is pure, and throws EC2's errors.

import type { Instance } from "../model/instance.ts";
import type { MetadataOptions } from "../model/metadata-options.ts";
import { timestamp } from "../model/timestamp.ts";
import { incorrectInstanceState, operationNotPermitted, unsupportedOperation } from "./errors.ts";

/** Other options, which have yet to reach the instance; those that are left out stay. */
export function withOptions(instance: Instance, asked: Partial<MetadataOptions>, nowMs: number): Instance {
	const metadataOptions = { ...instance.metadataOptions, ...asked };
	return { ...instance, metadataOptions, metadataOptionsPending: true, lastModifiedTime: timestamp(nowMs) };
}

/** A change of state that somebody asks for: the instance as it is afterwards, itself where it is so already; or a refusal. */
export type Transition = (instance: Instance, nowMs: number) => Instance;

/** A stopped instance runs again, and what was asked of its options meanwhile reaches it. */
export const started: Transition = (instance, nowMs) => {
	const { instanceId, state } = instance;
	if (state === "running" || state === "pending") return instance;
	if (state !== "stopped") throw incorrectInstanceState(`The instance '${instanceId}' is not in a state from which it can be started.`);
	const { stateTransition: _, ...rest } = instance;
	const now = timestamp(nowMs);
	return { ...rest, state: "pending", metadataOptionsPending: true, launchTime: now, lastModifiedTime: now };
};

/** A running instance stops. */
export const stopped: Transition = (instance, nowMs) => {
	const { instanceId, state } = instance;
	if (state === "stopped" || state === "stopping") return instance;
	if (state !== "running") throw incorrectInstanceState(`This instance '${instanceId}' is not in a state from which it can be stopped.`);
	if (instance.disableApiStop === true) {
		throw operationNotPermitted(
			`The instance '${instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
		);
	}
	if (instance.instanceLifecycle === "spot" && instance.spotInstanceType !== "persistent") {
		throw unsupportedOperation(
			`You can't stop the Spot Instance '${instanceId}' because it is associated with a one-time Spot Instance request. ` +
				"You can only stop Spot Instances associated with persistent Spot Instance requests.",
		);
	}
	return { ...instance, state: "stopping", ...userInitiated(nowMs) };
};

/** An instance ends for good. */
export const terminated: Transition = (instance, nowMs) => {
	if (instance.state === "terminated" || instance.state === "shutting-down") return instance;
	if (instance.disableApiTermination === true) {
		throw operationNotPermitted(
			`The instance '${instance.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
		);
	}
	return { ...instance, state: "shutting-down", ...userInitiated(nowMs) };
};

/** A running instance stays what it is: AWS keeps its options, its addresses and its tokens' secret. */
export const rebooted: Transition = (instance) => {
	if (instance.state === "running" || instance.state === "pending") return instance;
	throw incorrectInstanceState(`This instance '${instance.instanceId}' is not in a state from which it can be rebooted.`);
};

function userInitiated(nowMs: number): Pick<Instance, "stateTransition" | "lastModifiedTime"> {
	const time = timestamp(nowMs);
	const code = "Client.UserInitiatedShutdown";
	return { stateTransition: { time, code, message: `${code}: User initiated shutdown` }, lastModifiedTime: time };
}
