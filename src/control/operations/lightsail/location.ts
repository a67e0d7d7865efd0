import type * as lightsail from "../../models/lightsail.ts";
import type { Call } from "../../operation.ts";

/** Where something is. Lightsail is not in all Regions that an account here may be in: the Region is shown as it is. */
export function locationOf(availabilityZone: string, { account }: Pick<Call, "account">): lightsail.ResourceLocation {
	return { availabilityZone, regionName: account.region as lightsail.RegionName };
}
