import { LIGHTSAIL_BLUEPRINTS, type LightsailBlueprint } from "../../../model/lightsail-blueprints.ts";
import type { Blueprint } from "../../models/lightsail.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { tokenPage } from "./lightsail-pages.ts";

/** What instances can be made of. Gap: the few that are most used, and none of Lightsail for Research. */
export const GetBlueprints: LightsailApiOperation<"GetBlueprints"> = {
	run({ includeInactive, appCategory, pageToken }) {
		const offered = [...LIGHTSAIL_BLUEPRINTS.values()].filter(({ isActive }) => isActive || includeInactive === true);
		const { items, nextPageToken } = tokenPage(appCategory === undefined ? offered : [], pageToken, ({ blueprintId }) => blueprintId);
		return { blueprints: items.map(describe), nextPageToken };
	},
};

function describe({ blueprintId, name, group, type, version, platform, isActive }: LightsailBlueprint): Blueprint {
	// AWS: 0 is a blueprint that runs on all bundles.
	return { blueprintId, name, group, type, description: name, isActive, minPower: 0, version, versionCode: "1", platform };
}
