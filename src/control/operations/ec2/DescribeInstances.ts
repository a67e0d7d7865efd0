import type { Instance } from "../../../model/instance.ts";
import { epochMs } from "../../../model/timestamp.ts";
import { invalidParameterCombination } from "../../errors.ts";
import { matcher } from "../../filters.ts";
import { describedTags } from "../../instance-endpoint.ts";
import type { Call } from "../../operation.ts";
import { page } from "../../pagination.ts";
import type { Reservation } from "../../models/ec2.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { describeInstance } from "./instances/instance-description.ts";
import { instanceFilters } from "./instances/instance-filters.ts";
import { allInstances, instancesOf } from "./instances/instance-lookup.ts";

/** AWS: a terminated instance remains visible for about an hour (control-apis.md §2.4). */
const TERMINATED_VISIBLE_MS = 60 * 60 * 1000;

/** Instances by id, by filter, or all; in pages (control-apis.md §2.4). */
export const DescribeInstances: Ec2Operation<"DescribeInstances"> = {
	run({ InstanceIds, Filters, MaxResults, NextToken }, call) {
		if (MaxResults !== undefined && InstanceIds !== undefined) {
			throw invalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
		}
		const instances = InstanceIds === undefined ? visibleInstances(call) : instancesOf(InstanceIds, call);
		const matches = matcher(Filters, instanceFilters(call), describedTags);
		const { items, nextToken } = page(instances.filter(matches), { MaxResults, NextToken }, orderOf);
		return { Reservations: reservations(items, call), NextToken: nextToken };
	},
};

/** All instances but those that were terminated a while ago. */
export function visibleInstances(call: Call): readonly Instance[] {
	const { nowMs } = call;
	return allInstances(call).filter(
		({ state, stateTransition }) =>
			state !== "terminated" || stateTransition === undefined || epochMs(stateTransition.time) > nowMs - TERMINATED_VISIBLE_MS,
	);
}

/** Instances grouped as they were launched. */
export function reservations(instances: readonly Instance[], call: Call): readonly Reservation[] {
	return [...Map.groupBy(instances, ({ reservationId }) => reservationId)].map(([ReservationId, members]) => ({
		ReservationId,
		OwnerId: call.account.accountId,
		// AWS: filled in EC2-Classic only, and an empty list since.
		Groups: [],
		Instances: members.map((instance) => describeInstance(instance, call)),
	}));
}

/** Launches in a row, so that a reservation is not torn apart by pages more than it must. */
function orderOf({ reservationId, amiLaunchIndex, instanceId }: Instance): string {
	return `${reservationId} ${String(amiLaunchIndex).padStart(6, "0")} ${instanceId}`;
}
