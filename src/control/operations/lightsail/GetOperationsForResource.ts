import { doesNotExist } from "../../lightsail-errors.ts";
import { instanceNeeds, lightsailInstances } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { tokenPage } from "./lightsail-pages.ts";
import { describeOperation, reverseOrderOf } from "./operation-records.ts";

/** The operations on what has a name, or had it: the newest first. */
export const GetOperationsForResource: LightsailApiOperation<"GetOperationsForResource"> = {
	access: ({ resourceName }, call) => instanceNeeds({ instanceName: resourceName }, call),
	run({ resourceName, pageToken }, call) {
		const known = [...call.records["lightsail-operation"].values()].filter((operation) => operation.resourceName === resourceName);
		if (known.length === 0 && !lightsailInstances(call).some(({ lightsail }) => lightsail.name === resourceName)) {
			throw doesNotExist("Resource", resourceName);
		}
		const { items, nextPageToken } = tokenPage(known, pageToken, reverseOrderOf);
		return { operations: items.map((operation) => describeOperation(operation, call)), nextPageToken };
	},
};
