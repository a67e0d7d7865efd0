// Who does something about an instance of a transition has it alone: the runner is in the middle of a large batch when somebody rolls it back,
// and begins another one.

import type { TransitionStep } from "../../model/transition.ts";
import type { Inventory } from "../inventory.ts";

/** Does something about an instance if its step is in the state that was read, and lets nobody else do so meanwhile. */
export async function whileStill(inventory: Inventory, step: TransitionStep, work: (now: TransitionStep) => Promise<void>): Promise<void> {
	await inTurn(inventory, step, async (now) => {
		if (now.state === step.state) await work(now);
	});
}

/** Likewise, whatever its state is; not at all where the step is another transition's. */
export async function inTurn(
	inventory: Inventory,
	{ transitionId, instanceId }: Pick<TransitionStep, "transitionId" | "instanceId">,
	work: (now: TransitionStep) => Promise<void>,
): Promise<void> {
	await inventory.exclusively(async () => {
		const now = await inventory.update("transition-step", instanceId, (step) => step);
		if (now?.transitionId === transitionId) await work(now);
	});
}
