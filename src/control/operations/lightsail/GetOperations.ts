import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { tokenPage } from "./lightsail-pages.ts";
import { describeOperation, orderOf } from "./operation-records.ts";

/** All operations that are known still. AWS: from the oldest to the newest (API reference). */
export const GetOperations: LightsailApiOperation<"GetOperations"> = {
	run({ pageToken }, call) {
		const { items, nextPageToken } = tokenPage([...call.records["lightsail-operation"].values()], pageToken, orderOf);
		return { operations: items.map((operation) => describeOperation(operation, call)), nextPageToken };
	},
};
