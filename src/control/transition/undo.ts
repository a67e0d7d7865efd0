import { timestamp } from "../../model/timestamp.ts";
import type { Transition, TransitionStep } from "../../model/transition.ts";
import type { Inventory } from "../inventory.ts";
import { inTurn } from "./step-turns.ts";
import { withTokens } from "./tokens-change.ts";

/** Undoes what a transition has done to some instances, or to all. */
export async function undo(
	{ inventory, nowMs }: { readonly inventory: Inventory; readonly nowMs: number },
	transition: Transition,
	instanceIds: ReadonlySet<string> | undefined,
): Promise<void> {
	const records = await inventory.records();
	const steps = [...records["transition-step"].values()].filter(
		({ transitionId, instanceId }) => transitionId === transition.transitionId && (instanceIds?.has(instanceId) ?? true),
	);
	// The head first: nothing further is begun.
	if (instanceIds === undefined) {
		await inventory.update("transition", "current", (now) =>
			now.transitionId === transition.transitionId
				? { ...now, state: "rolled-back", endedAt: timestamp(nowMs), reason: "Rolled back on request." }
				: now,
		);
	}
	for (const each of steps) {
		await inTurn(inventory, each, async (step) => {
			const { instanceId, state } = step;
			if (state === "rolled-back" || state === "skipped") return;
			const reason = "Rolled back on request.";
			const undone: Partial<TransitionStep> =
				state === "waiting" ? { state: "skipped", reason } : { state: "rolled-back", reason, rolledBackAt: timestamp(nowMs) };
			if (state !== "waiting") await inventory.update("instance", instanceId, (instance) => withTokens("optional", instance, nowMs));
			await inventory.update("transition-step", instanceId, () => ({ ...step, ...undone }));
		});
	}
}
