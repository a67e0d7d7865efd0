import { spotRequestNotFound } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import { visibleInstances } from "./DescribeInstances.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { describeSpotRequest, spotRequestId } from "./instances/spot-requests.ts";

const FILTERS: FilterTable<ec2.SpotInstanceRequest> = {
	"create-time": ({ CreateTime }) => CreateTime?.toISOString(),
	"instance-id": ({ InstanceId }) => InstanceId,
	"launch.image-id": ({ LaunchSpecification }) => LaunchSpecification?.ImageId,
	"launch.instance-type": ({ LaunchSpecification }) => LaunchSpecification?.InstanceType,
	"launch.key-name": ({ LaunchSpecification }) => LaunchSpecification?.KeyName,
	"launched-availability-zone": ({ LaunchedAvailabilityZone }) => LaunchedAvailabilityZone,
	"launched-availability-zone-id": ({ LaunchedAvailabilityZoneId }) => LaunchedAvailabilityZoneId,
	"product-description": ({ ProductDescription }) => ProductDescription,
	"spot-instance-request-id": ({ SpotInstanceRequestId }) => SpotInstanceRequestId,
	state: ({ State }) => State,
	"status-code": ({ Status }) => Status?.Code,
	type: ({ Type }) => Type,
};

/** The requests of Spot Instances by id, by filter, or all; in pages. */
export const DescribeSpotInstanceRequests: Ec2Operation<"DescribeSpotInstanceRequests"> = {
	run({ SpotInstanceRequestIds, ...request }, call) {
		const spot = visibleInstances(call).filter((instance) => spotRequestId(instance) !== undefined);
		const ids = new Set(spot.map(spotRequestId));
		const unknown = (SpotInstanceRequestIds ?? []).filter((id) => !ids.has(id));
		if (unknown.length > 0) throw spotRequestNotFound(unknown);
		const chosen = spot.filter((instance) => SpotInstanceRequestIds?.includes(spotRequestId(instance) ?? "") ?? true);
		const requests = chosen.map((instance) => describeSpotRequest(instance, call));
		const { items, nextToken } = filteredPage(requests, request, FILTERS, ({ SpotInstanceRequestId }) => SpotInstanceRequestId);
		return { SpotInstanceRequests: items, NextToken: nextToken };
	},
};
