import type { Instance, InstanceState } from "../../../model/instance.ts";
import { zoneIdOf } from "../../../model/region.ts";
import { invalidParameterCombination } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { visibleInstances } from "./DescribeInstances.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { describedState } from "./instances/instance-description.ts";
import { describedEvents } from "./instances/instance-events.ts";
import { instancesOf } from "./instances/instance-lookup.ts";

const FILTERS: FilterTable<ec2.InstanceStatus> = {
	"attached-ebs-status.status": ({ AttachedEbsStatus }) => AttachedEbsStatus?.Status,
	"availability-zone": ({ AvailabilityZone }) => AvailabilityZone,
	"availability-zone-id": ({ AvailabilityZoneId }) => AvailabilityZoneId,
	"event.code": ({ Events }) => Events?.map(({ Code }) => Code),
	"event.description": ({ Events }) => Events?.map(({ Description }) => Description),
	"event.instance-event-id": ({ Events }) => Events?.map(({ InstanceEventId }) => InstanceEventId),
	"event.not-after": ({ Events }) => Events?.map(({ NotAfter }) => NotAfter?.toISOString()),
	"event.not-before": ({ Events }) => Events?.map(({ NotBefore }) => NotBefore?.toISOString()),
	"event.not-before-deadline": ({ Events }) => Events?.map(({ NotBeforeDeadline }) => NotBeforeDeadline?.toISOString()),
	"instance-state-code": ({ InstanceState }) => InstanceState?.Code,
	"instance-state-name": ({ InstanceState }) => InstanceState?.Name,
	"instance-status.reachability": ({ InstanceStatus }) => InstanceStatus?.Details?.map(({ Status }) => Status),
	"instance-status.status": ({ InstanceStatus }) => InstanceStatus?.Status,
	"system-status.reachability": ({ SystemStatus }) => SystemStatus?.Details?.map(({ Status }) => Status),
	"system-status.status": ({ SystemStatus }) => SystemStatus?.Status,
};

/** How instances are, and what is planned for them: of the running ones, unless it is asked for all; in pages (control-apis.md §2.9). */
export const DescribeInstanceStatus: Ec2Operation<"DescribeInstanceStatus"> = {
	run({ InstanceIds, IncludeAllInstances, ...request }, call) {
		if (request.MaxResults !== undefined && InstanceIds !== undefined) {
			throw invalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
		}
		const instances = InstanceIds === undefined ? visibleInstances(call) : instancesOf(InstanceIds, call);
		const statuses = instances
			.filter(({ state }) => IncludeAllInstances === true || state === "running")
			.map((instance) => describeStatus(instance, call));
		const { items, nextToken } = filteredPage(statuses, request, FILTERS, ({ InstanceId }) => InstanceId);
		return { InstanceStatuses: items, NextToken: nextToken };
	},
};

function describeStatus(instance: Instance, { nowMs }: Call): ec2.InstanceStatus {
	const { instanceId, placement, state } = instance;
	const status = statusOf(state);
	return {
		InstanceId: instanceId,
		AvailabilityZone: placement.availabilityZone,
		AvailabilityZoneId: zoneIdOf(placement.availabilityZone),
		OutpostArn: placement.outpostArn,
		InstanceState: describedState(state),
		InstanceStatus: status,
		SystemStatus: status,
		AttachedEbsStatus: status,
		Events: describedEvents(instance, nowMs),
	};
}

/** Quirk: nothing boots here, so what runs is `ok` at once, and only what is about to run is `initializing`. */
function statusOf(state: InstanceState): ec2.InstanceStatusSummary {
	if (state === "running") return { Status: "ok", Details: [{ Name: "reachability", Status: "passed" }] };
	if (state === "pending") return { Status: "initializing", Details: [{ Name: "reachability", Status: "initializing" }] };
	return { Status: "not-applicable" };
}
