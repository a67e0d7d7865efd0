import { partitionOf } from "../../../model/region.ts";
import { invalidRegions } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";

/** AWS: the Regions that every account of a partition has (general/rande, 2026). */
const REGIONS =
	"ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 " +
	"eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1";

/** AWS: those that an account has to enable first. */
const OPT_IN_REGIONS =
	"af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 " +
	"eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1";

const FILTERS: FilterTable<ec2.Region> = {
	endpoint: ({ Endpoint }) => Endpoint,
	"opt-in-status": ({ OptInStatus }) => OptInStatus,
	"region-name": ({ RegionName }) => RegionName,
};

/**
 * The Regions of the account's partition; of those to enable only the account's own is, and the others are shown when asked for.
 *
 * Quirk: everything here is in the account's Region. The others are listed for tools that go through them all.
 */
export const DescribeRegions: Ec2Operation<"DescribeRegions"> = {
	run({ RegionNames, AllRegions, Filters }, call) {
		const all = regionsOf(call);
		const unknown = (RegionNames ?? []).filter((name) => !all.some(({ RegionName }) => RegionName === name));
		if (unknown.length > 0) throw invalidRegions(unknown);
		const chosen = all.filter(({ RegionName = "", OptInStatus }) =>
			RegionNames === undefined ? AllRegions === true || OptInStatus !== "not-opted-in" : RegionNames.includes(RegionName),
		);
		return { Regions: filteredPage(chosen, { Filters }, FILTERS, ({ RegionName }) => RegionName).items };
	},
};

function regionsOf({ account: { region }, partition }: Call): readonly ec2.Region[] {
	const optIn = OPT_IN_REGIONS.split(" ");
	const names = new Set([region, ...REGIONS.split(" "), ...optIn]);
	return [...names]
		.filter((name) => partitionOf(name).partition === partition)
		.map((RegionName) => ({
			RegionName,
			Endpoint: `ec2.${RegionName}.${partitionOf(RegionName).dnsSuffix}`,
			OptInStatus: !optIn.includes(RegionName) ? "opt-in-not-required" : RegionName === region ? "opted-in" : "not-opted-in",
		}));
}
