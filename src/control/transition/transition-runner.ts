// Carries a transition on: enforces batch after batch, watches, and takes back what breaks. All of its state is in the store, so it goes on
// where it was after a restart; every step can be done twice.

import { epochMs, timestamp } from "../../model/timestamp.ts";
import type { Transition, TransitionStep } from "../../model/transition.ts";
import type { CallReader } from "../../observe/call-reader.ts";
import type { Inventory, Records } from "../inventory.ts";
import { readinessOf } from "./readiness.ts";
import { whileStill } from "./step-turns.ts";
import { keptFromOptional, withTokens } from "./tokens-change.ts";

/** How often it is looked whether calls are rejected: an instance that breaks is taken back within this and the second of the counts. */
const TICK_MS = 1_000;

/** What a runner works with. */
export interface RunnerOptions {
	readonly inventory: Inventory;
	readonly calls: CallReader;
	readonly nowMs: () => number;
	/** Told what was done, in a sentence. */
	readonly note: (sentence: string) => void;
	/** Told of what failed; it is tried again. */
	readonly failed: (error: unknown) => void;
}

export class TransitionRunner {
	readonly #options: RunnerOptions;
	#timer: NodeJS.Timeout | undefined;
	#tick: Promise<void> | undefined;

	constructor(options: RunnerOptions) {
		this.#options = options;
	}

	/** To be called when there may be a transition to carry on. */
	start(): void {
		this.#timer ??= setInterval(() => void this.#next(), TICK_MS).unref();
		void this.#next();
	}

	/** Resolves once nothing is under way any more. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		this.#timer = undefined;
		await this.#tick;
	}

	async #next(): Promise<void> {
		if (this.#tick !== undefined) return;
		this.#tick = this.advance().catch(this.#options.failed);
		await this.#tick;
		this.#tick = undefined;
	}

	/** Does what is due now. {@link start} has it done every second. */
	async advance(): Promise<void> {
		const { inventory } = this.#options;
		const records = await inventory.records();
		const transition = records.transition.get("current");
		if (transition?.state !== "running") {
			clearInterval(this.#timer);
			this.#timer = undefined;
			return;
		}
		await this.#enforce(stepsIn(records, transition, "waiting"), records, transition);
		await this.#apply(stepsIn(records, transition, "enforcing"));
		// What was enforced just now is not in these records: it has its turn at the next tick.
		await this.#watch(stepsIn(records, transition, "watching"), records, transition);
		await this.#close(await inventory.records(), transition);
	}

	/** Looks once more at those whose turn it is: much may have happened since the plan. */
	async #enforce(steps: readonly TransitionStep[], records: Records, { periodSeconds }: Transition): Promise<void> {
		const { inventory, calls, nowMs } = this.#options;
		const instances = steps.flatMap(({ instanceId }) => records.instance.get(instanceId) ?? []);
		const readiness = await readinessOf(instances, { calls, periodSeconds, nowMs: nowMs() });
		const verdicts = new Map(readiness.map((each) => [each.instance.instanceId, each]));
		for (const step of steps) {
			const { verdict, reason } = verdicts.get(step.instanceId) ?? { verdict: "gone", reason: "It is gone." };
			await whileStill(inventory, step, async (now) => {
				const decided: Partial<TransitionStep> =
					verdict === "safe" ? { state: "enforcing", enforcedAt: timestamp(nowMs()) } : { state: "skipped", reason };
				await inventory.update("transition-step", step.instanceId, () => ({ ...now, ...decided }));
				if (verdict === "safe") await this.#require(step.instanceId);
			});
		}
	}

	/** What an end of the process left half done. */
	async #apply(steps: readonly TransitionStep[]): Promise<void> {
		for (const step of steps) await whileStill(this.#options.inventory, step, () => this.#require(step.instanceId));
	}

	async #require(instanceId: string): Promise<void> {
		const { inventory, nowMs, note } = this.#options;
		await inventory.update("instance", instanceId, (instance) => withTokens("required", instance, nowMs()));
		await inventory.update("transition-step", instanceId, (step) => ({ ...step, state: "watching" }));
		note(`${instanceId} requires IMDSv2`);
	}

	async #watch(steps: readonly TransitionStep[], records: Records, { watchSeconds }: Transition): Promise<void> {
		if (steps.length === 0) return;
		const { inventory, calls, nowMs } = this.#options;
		const last = new Map((await calls.lastCalls(steps.map(({ instanceId }) => instanceId))).map((each) => [each.instanceId, each]));
		for (const step of steps) {
			const { instanceId, enforcedAt } = step;
			const enforcedMs = enforcedAt === undefined ? 0 : epochMs(enforcedAt);
			if (records.instance.get(instanceId)?.metadataOptions.httpTokens !== "required") {
				const reason = "Somebody made tokens optional again, or ended the instance.";
				await whileStill(inventory, step, (now) => this.#note({ ...now, state: "rolled-back", reason }));
			} else if ((last.get(instanceId)?.rejectedMs ?? -1) >= enforcedMs) {
				await whileStill(inventory, step, (now) => this.#takeBack(now, records));
			} else if (nowMs() >= enforcedMs + watchSeconds * 1000) {
				await whileStill(inventory, step, (now) => this.#note({ ...now, state: "enforced" }));
			}
		}
	}

	async #takeBack(step: TransitionStep, records: Records): Promise<void> {
		const { inventory, nowMs, note } = this.#options;
		const { instanceId } = step;
		const account = records.account.get("default");
		const kept = account && keptFromOptional(account);
		if (kept !== undefined) {
			const reason = `Calls were rejected. ${kept}`;
			await this.#note({ ...step, state: "enforced", reason });
			note(`${instanceId}: ${reason}`);
			return;
		}
		await inventory.update("instance", instanceId, (instance) => withTokens("optional", instance, nowMs()));
		const reason = "Calls without a token were rejected.";
		await this.#note({ ...step, state: "rolled-back", reason, rolledBackAt: timestamp(nowMs()) });
		note(`${instanceId} was rolled back: calls without a token were rejected`);
	}

	async #note(step: TransitionStep): Promise<void> {
		await this.#options.inventory.update("transition-step", step.instanceId, () => step);
	}

	/** Once a batch is over, the next has its turn, unless one of this one broke: went back, or could not. */
	async #close(records: Records, { transitionId, batch }: Transition): Promise<void> {
		const steps = [...records["transition-step"].values()].filter((step) => step.transitionId === transitionId && step.batch === batch);
		if (steps.some(({ state }) => state === "waiting" || state === "enforcing" || state === "watching")) return;
		const { inventory, nowMs } = this.#options;
		const wentBack = idsOf(steps.filter(({ state }) => state === "rolled-back"));
		const couldNot = idsOf(steps.filter(({ state, reason }) => state === "enforced" && reason !== undefined));
		const broken = [
			...(wentBack.length === 0 ? [] : [`Rolled back in batch ${batch + 1}: ${shortList(wentBack)}.`]),
			...(couldNot.length === 0 ? [] : [`Broken in batch ${batch + 1}, and could not go back: ${shortList(couldNot)}.`]),
		];
		await inventory.update("transition", "current", (now) => {
			if (now.transitionId !== transitionId || now.state !== "running") return now;
			const endedAt = timestamp(nowMs());
			if (broken.length > 0) return { ...now, state: "stopped", endedAt, reason: broken.join(" ") };
			return batch + 1 < now.batchCount ? { ...now, batch: batch + 1 } : { ...now, state: "done", endedAt };
		});
	}
}

function idsOf(steps: readonly TransitionStep[]): readonly string[] {
	return steps.map(({ instanceId }) => instanceId);
}

function stepsIn(records: Records, { transitionId, batch }: Transition, state: TransitionStep["state"]): readonly TransitionStep[] {
	return [...records["transition-step"].values()].filter(
		(step) => step.transitionId === transitionId && step.batch === batch && step.state === state,
	);
}

function shortList(ids: readonly string[]): string {
	return ids.length > 3 ? `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more` : ids.join(", ");
}
