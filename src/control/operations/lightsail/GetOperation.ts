import { doesNotExist } from "../../lightsail-errors.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { describeOperation } from "./operation-records.ts";

/** How far an operation is. */
export const GetOperation: LightsailApiOperation<"GetOperation"> = {
	run({ operationId }, call) {
		const operation = call.records["lightsail-operation"].get(operationId);
		if (operation === undefined) throw doesNotExist("Operation", operationId);
		return { operation: describeOperation(operation, call) };
	},
};
