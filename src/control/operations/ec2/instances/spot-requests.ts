// The request behind each Spot Instance. It follows from the instance: it has the same life, and nothing of its own.

import { derivedId } from "../../../../model/ids.ts";
import type { Instance } from "../../../../model/instance.ts";
import { epochMs } from "../../../../model/timestamp.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { describeInstance } from "./instance-description.ts";

/** The id of the request; nothing for an instance that is no Spot Instance. */
export function spotRequestId({ instanceId, instanceLifecycle }: Instance): string | undefined {
	return instanceLifecycle === "spot" ? derivedId("sir", instanceId) : undefined;
}

/**
 * The request as DescribeSpotInstanceRequests shows it.
 *
 * Gap: no prices, no validity, no tags; and no requests that were not fulfilled at once.
 */
export function describeSpotRequest(instance: Instance, call: Call): ec2.SpotInstanceRequest {
	const { launchTime, spotInterruption } = instance;
	const { SubnetId, SecurityGroups, ImageId, InstanceType, KeyName, Placement, Monitoring, EbsOptimized } = describeInstance(
		instance,
		call,
	);
	const createTime = new Date(epochMs(launchTime));
	const behavior = spotInterruption?.action ?? "terminate";
	return {
		SpotInstanceRequestId: spotRequestId(instance),
		...stateOf(instance),
		InstanceId: instance.instanceId,
		// AWS: only a persistent request survives that its instance is stopped (ec2/spot-requests).
		Type: instance.spotInstanceType ?? (behavior === "terminate" ? "one-time" : "persistent"),
		InstanceInterruptionBehavior: behavior,
		ProductDescription: "Linux/UNIX",
		CreateTime: createTime,
		LaunchedAvailabilityZone: Placement?.AvailabilityZone,
		LaunchedAvailabilityZoneId: Placement?.AvailabilityZoneId,
		LaunchSpecification: {
			ImageId,
			InstanceType,
			KeyName,
			SubnetId,
			SecurityGroups,
			EbsOptimized,
			IamInstanceProfile: instance.iamInstanceProfile && { Arn: instance.iamInstanceProfile.arn },
			Placement: { AvailabilityZone: Placement?.AvailabilityZone, AvailabilityZoneId: Placement?.AvailabilityZoneId },
			Monitoring: { Enabled: Monitoring?.State === "enabled" },
		},
	};
}

/** AWS: the states and status codes of ec2/spot-request-status. */
function stateOf({ state, spotInterruption, launchTime, stateTransition }: Instance): Pick<ec2.SpotInstanceRequest, "State" | "Status"> {
	const at = new Date(epochMs(stateTransition?.time ?? launchTime));
	if (state === "terminated" || state === "shutting-down") {
		return {
			State: "closed",
			Status: {
				Code: "instance-terminated-by-user",
				Message: "Spot Instance terminated due to user-initiated termination.",
				UpdateTime: at,
			},
		};
	}
	if (state === "stopped" || state === "stopping") {
		return {
			State: "disabled",
			Status: { Code: "instance-stopped-by-user", Message: "Spot Instance stopped due to user-initiated stop.", UpdateTime: at },
		};
	}
	if (spotInterruption !== undefined) {
		const Code = spotInterruption.action === "terminate" ? "marked-for-termination" : "marked-for-stop";
		return {
			State: "active",
			Status: { Code, Message: `Your Spot Instance is marked for ${spotInterruption.action} at ${spotInterruption.time}.`, UpdateTime: at },
		};
	}
	return { State: "active", Status: { Code: "fulfilled", Message: "Your Spot request is fulfilled.", UpdateTime: at } };
}
