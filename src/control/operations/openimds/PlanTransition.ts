import type { OpenimdsOperation } from "./openimds-operation.ts";
import { planOf } from "./transition-plan.ts";

/** What StartTransition would do now. */
export const PlanTransition: OpenimdsOperation<"PlanTransition"> = {
	async run(input, call) {
		const { periodSeconds, batches, leftOut } = await planOf(input, call);
		return { periodSeconds, batches: batches.map((instanceIds) => ({ instanceIds })), leftOut };
	},
};
