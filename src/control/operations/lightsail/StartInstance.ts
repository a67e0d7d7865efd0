import { LIGHTSAIL_BUNDLES } from "../../../model/lightsail-bundles.ts";
import { started } from "../../instance-changes.ts";
import { operationFailure } from "../../lightsail-errors.ts";
import { changeState } from "./instance-changes.ts";
import { instanceNamed, instanceNeeds } from "./instance-lookup.ts";
import { checkParts } from "./launch-checks.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/**
 * Starts a stopped instance, on another bundle if one is named.
 *
 * Gap: AWS gives it another public address.
 */
export const StartInstance: LightsailApiOperation<"StartInstance"> = {
	access: instanceNeeds,
	run({ instanceName, attributeUpdates: { bundleId } = {} }, call) {
		const { lightsail } = instanceNamed(instanceName, call);
		if (bundleId === undefined) return changeState(instanceName, "StartInstance", call, started);
		checkParts({ ...lightsail, bundleId });
		return changeState(instanceName, "StartInstance", call, (before, nowMs) => {
			const after = started(before, nowMs);
			if (after === before) throw operationFailure(`The instance '${instanceName}' must be stopped to get another bundle.`);
			const { instanceType } = LIGHTSAIL_BUNDLES.get(bundleId)!;
			return { ...after, instanceType, lightsail: { ...lightsail, bundleId } };
		});
	},
};
