import { LIGHTSAIL_BUNDLES, type LightsailBundle } from "../../../model/lightsail-bundles.ts";
import type { Bundle } from "../../models/lightsail.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { tokenPage } from "./lightsail-pages.ts";

/** What instances can run on. Gap: none of Lightsail for Research. */
export const GetBundles: LightsailApiOperation<"GetBundles"> = {
	run({ includeInactive, appCategory, pageToken }) {
		const offered = [...LIGHTSAIL_BUNDLES.values()].filter(({ isActive }) => isActive || includeInactive === true);
		const { items, nextPageToken } = tokenPage(appCategory === undefined ? offered : [], pageToken, ({ bundleId }) => bundleId);
		return { bundles: items.map(describe), nextPageToken };
	},
};

function describe({ size, platform, hasPublicIpv4, ...same }: LightsailBundle): Bundle {
	return {
		...same,
		// AWS: not EC2's word for it.
		instanceType: size,
		supportedPlatforms: [platform],
		supportedAppCategories: [],
		publicIpv4AddressCount: hasPublicIpv4 ? 1 : 0,
	};
}
