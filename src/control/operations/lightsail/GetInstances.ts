import { describeHealth, describeInstance } from "./instance-description.ts";
import { lightsailInstances } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { tokenPage } from "./lightsail-pages.ts";

/** All instances of Lightsail by name, in pages. */
export const GetInstances: LightsailApiOperation<"GetInstances"> = {
	run({ pageToken, includeHealthStatus }, call) {
		const { items, nextPageToken } = tokenPage(lightsailInstances(call), pageToken, ({ lightsail }) => lightsail.name);
		const instances = items.map((instance) => ({
			...describeInstance(instance, call),
			...(includeHealthStatus === true && describeHealth(instance)),
		}));
		return { instances, nextPageToken };
	},
};
