import { timestamp } from "../../../model/timestamp.ts";
import type { Transition, TransitionStep } from "../../../model/transition.ts";
import { ApiError, invalidParameterValue } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import { describedTransition } from "./described-transition.ts";
import type { OpenimdsOperation } from "./openimds-operation.ts";
import { planOf } from "./transition-plan.ts";

const DEFAULT_WATCH_SECONDS = 900;
const WATCH_MAX_SECONDS = 86_400;

/** Begins to require IMDSv2, batch after batch, of the instances that are ready; what follows, the runner does by itself. Where none is, nothing is begun. */
export const StartTransition: OpenimdsOperation<"StartTransition"> = {
	async run({ watchSeconds = DEFAULT_WATCH_SECONDS, ...asked }, call) {
		if (watchSeconds < 0 || watchSeconds > WATCH_MAX_SECONDS) {
			throw invalidParameterValue(
				`Invalid value '${watchSeconds}' for watchSeconds. Specify a value from 0 to ${WATCH_MAX_SECONDS} (a day).`,
			);
		}
		const { periodSeconds, batches, leftOut } = await planOf(asked, call);
		await call.inventory.exclusively(async () => {
			const records = await call.inventory.records();
			if (records.transition.get("current")?.state === "running") throw transitionRunning();
			// What was done before can still be rolled back.
			if (batches.length === 0) return;
			const transitionId = newId("tr-");
			const head: Transition = {
				transitionId,
				state: "running",
				startedAt: timestamp(call.nowMs),
				periodSeconds,
				watchSeconds,
				batchCount: batches.length,
				batch: 0,
			};
			const steps = batches.flatMap((instanceIds, batch) =>
				instanceIds.map((instanceId): TransitionStep => ({ instanceId, transitionId, batch, state: "waiting" })),
			);
			// What is left of an earlier one is in the way of nothing once it is gone.
			const earlier = [...records["transition-step"].keys()];
			await Promise.all(earlier.map((instanceId) => call.inventory.forget("transition-step", instanceId)));
			await call.inventory.forget("transition", "current");
			// The head last: steps without one are nobody's.
			await call.inventory.create("transition-step", ...steps);
			await call.inventory.create("transition", head);
		});
		if (batches.length === 0) return { leftOut };
		call.carryOn();
		return { transition: await describedTransition(call), leftOut };
	},
};

function transitionRunning(): ApiError {
	return new ApiError("TransitionInProgress", "A transition is running. Wait for its end, or roll it back first.", 409);
}
