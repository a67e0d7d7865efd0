// The network interfaces and volumes of instances: they have ids and tags of their own, and live and die with their instance.

import type { BlockDeviceMapping } from "../../../../model/image.ts";
import type { Instance } from "../../../../model/instance.ts";
import type { NetworkInterface } from "../../../../model/network.ts";
import type { Call } from "../../../operation.ts";
import { volumeId } from "./instance-description.ts";
import { allInstances } from "./instance-lookup.ts";

export interface AttachedInterface {
	readonly instance: Instance;
	readonly networkInterface: NetworkInterface;
}

export interface AttachedVolume {
	readonly volumeId: string;
	readonly instance: Instance;
	readonly mapping: BlockDeviceMapping;
}

/**
 * The network interfaces there are.
 *
 * Gap: there are none that no instance has, and none outlives its instance.
 */
export function attachedInterfaces(call: Pick<Call, "records">): readonly AttachedInterface[] {
	return allInstances(call)
		.filter(hasParts)
		.flatMap((instance) => instance.networkInterfaces.map((networkInterface) => ({ instance, networkInterface })));
}

/**
 * The volumes there are.
 *
 * Gap: likewise, whatever `deleteOnTermination` says.
 */
export function attachedVolumes(call: Pick<Call, "records">): readonly AttachedVolume[] {
	return allInstances(call)
		.filter(hasParts)
		.flatMap((instance) =>
			instance.blockDeviceMappings
				.filter(({ virtualName }) => virtualName === undefined)
				.map((mapping) => ({ volumeId: volumeId(instance, mapping.deviceName), instance, mapping })),
		);
}

function hasParts({ state }: Instance): boolean {
	return state !== "terminated";
}
