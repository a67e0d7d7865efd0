import { ApiError, operationNotPermitted } from "../../errors.ts";
import { keptFromOptional } from "../../transition/tokens-change.ts";
import { undo } from "../../transition/undo.ts";
import { describedTransition } from "./described-transition.ts";
import { instancesAsked } from "./instances-asked.ts";
import type { OpenimdsOperation } from "./openimds-operation.ts";

/** Makes tokens optional again where the last transition required them, and begins no further batch. */
export const RollBackTransition: OpenimdsOperation<"RollBackTransition"> = {
	async run({ instanceIds }, call) {
		const asked = instancesAsked(instanceIds);
		const transition = call.records.transition.get("current");
		if (transition === undefined) throw new ApiError("NoSuchTransition", "There was no transition, so there is nothing to roll back.", 404);
		const kept = keptFromOptional(call.account);
		if (kept !== undefined) throw operationNotPermitted(kept);
		for (const instanceId of asked ?? []) {
			if (call.records["transition-step"].get(instanceId)?.transitionId === transition.transitionId) continue;
			throw new ApiError("NoSuchTransition", `The last transition had nothing to do with the instance ${instanceId}.`, 404);
		}
		await undo(call, transition, asked && new Set(asked));
		return { transition: await describedTransition(call) };
	},
};
