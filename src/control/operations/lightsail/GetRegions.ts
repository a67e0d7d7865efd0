import type { Region, RegionName } from "../../models/lightsail.ts";
import { zoneNames } from "../../zones.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/** AWS: where Lightsail is: continent, the name that the console has, and for whom (Lightsail guide, "Regions and Availability Zones"). */
const REGIONS: Readonly<Record<RegionName, readonly [continentCode: string, displayName: string, users: string]>> = {
	"us-east-1": ["NA", "Virginia", "the eastern United States"],
	"us-east-2": ["NA", "Ohio", "the eastern United States"],
	"us-west-1": ["NA", "California", "the western United States"],
	"us-west-2": ["NA", "Oregon", "the northwestern United States, Alaska, and western Canada"],
	"ca-central-1": ["NA", "Montreal", "Canada and the northeastern United States"],
	"sa-east-1": ["SA", "São Paulo", "South America"],
	"eu-west-1": ["EU", "Ireland", "western Europe"],
	"eu-west-2": ["EU", "London", "the United Kingdom"],
	"eu-west-3": ["EU", "Paris", "France and southern Europe"],
	"eu-central-1": ["EU", "Frankfurt", "Germany and central Europe"],
	"eu-north-1": ["EU", "Stockholm", "northern Europe"],
	"eu-south-2": ["EU", "Spain", "Spain and Portugal"],
	"ap-south-1": ["AS", "Mumbai", "India"],
	"ap-southeast-1": ["AS", "Singapore", "southeast Asia"],
	"ap-southeast-2": ["OC", "Sydney", "Australia and Oceania"],
	"ap-southeast-3": ["AS", "Jakarta", "Indonesia"],
	"ap-southeast-5": ["AS", "Malaysia", "Malaysia"],
	"ap-northeast-1": ["AS", "Tokyo", "Japan"],
	"ap-northeast-2": ["AS", "Seoul", "Korea"],
	"ap-east-1": ["AS", "Hong Kong", "Hong Kong"],
};

/**
 * The Regions that Lightsail is in.
 *
 * Quirk: everything here is in the account's Region, so that alone has zones. The others are listed for tools that go through them all.
 */
export const GetRegions: LightsailApiOperation<"GetRegions"> = {
	run({ includeAvailabilityZones }, { account, records }) {
		const zones = zoneNames(records).map((zoneName) => ({ zoneName, state: "available" }));
		const describe = (name: RegionName): Region => {
			const [continentCode, displayName, users] = REGIONS[name];
			return {
				continentCode,
				description: `This region is recommended to serve users in ${users}`,
				displayName,
				name,
				availabilityZones: includeAvailabilityZones === true && name === account.region ? zones : [],
				relationalDatabaseAvailabilityZones: [],
			};
		};
		return { regions: (Object.keys(REGIONS) as RegionName[]).map(describe) };
	},
};
