import { zoneIdOf } from "../../../model/region.ts";
import { invalidZones } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { zoneNames } from "../../zones.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";

const FILTERS: FilterTable<ec2.AvailabilityZone> = {
	"group-name": ({ GroupName }) => GroupName,
	"opt-in-status": ({ OptInStatus }) => OptInStatus,
	"region-name": ({ RegionName }) => RegionName,
	state: ({ State }) => State,
	"zone-id": ({ ZoneId }) => ZoneId,
	"zone-name": ({ ZoneName }) => ZoneName,
	"zone-type": ({ ZoneType }) => ZoneType,
};

/** The zones of the account's Region. */
export const DescribeAvailabilityZones: Ec2Operation<"DescribeAvailabilityZones"> = {
	run({ ZoneNames, ZoneIds, Filters }, call) {
		const zones = zonesOf(call);
		const names = new Set(zones.map(({ ZoneName }) => ZoneName));
		const ids = new Set(zones.map(({ ZoneId }) => ZoneId));
		const unknown = [...(ZoneNames ?? []).filter((name) => !names.has(name)), ...(ZoneIds ?? []).filter((id) => !ids.has(id))];
		if (unknown.length > 0) throw invalidZones(unknown);
		const chosen = zones.filter(
			({ ZoneName = "", ZoneId = "" }) => (ZoneNames?.includes(ZoneName) ?? true) && (ZoneIds?.includes(ZoneId) ?? true),
		);
		return { AvailabilityZones: filteredPage(chosen, { Filters }, FILTERS, ({ ZoneName }) => ZoneName).items };
	},
};

function zonesOf({ records, account: { region } }: Call): readonly ec2.AvailabilityZone[] {
	return zoneNames(records).map((ZoneName) => ({
		ZoneName,
		ZoneId: zoneIdOf(ZoneName),
		RegionName: region,
		State: "available",
		OptInStatus: "opt-in-not-required",
		Messages: [],
		GroupName: `${region}-zg-1`,
		NetworkBorderGroup: region,
		ZoneType: "availability-zone",
	}));
}
