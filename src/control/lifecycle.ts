// What time does to an instance: what is under way comes to its end (control-apis.md §1.2). EC2's hosts do this; here a timer does.

import { type Instance, isUnderWay } from "../model/instance.ts";
import { epochMs, timestamp } from "../model/timestamp.ts";
import type { Inventory } from "./inventory.ts";

/** AWS: a terminated instance can be described for about an hour. */
export const TERMINATED_KEPT_MS = 60 * 60 * 1000;

/** Tried again after a store that failed. */
const RETRY_MS = 5_000;

/** An instance once what was under way has come to its end; itself where nothing was. */
export function settled(instance: Instance, nowMs: number): Instance {
	const { metadataOptionsPending: _, ...rest } = instance;
	switch (instance.state) {
		case "pending":
			return { ...rest, state: "running", appliedMetadataOptions: instance.metadataOptions };
		case "running":
			return instance.metadataOptionsPending === true ? { ...rest, appliedMetadataOptions: instance.metadataOptions } : instance;
		case "stopping":
			// Tokens end with the life that they were given in.
			return { ...instance, state: "stopped", tokenGeneration: Math.max(instance.tokenGeneration + 1, nowMs) };
		case "shutting-down":
			return {
				...rest,
				state: "terminated",
				appliedMetadataOptions: instance.metadataOptions,
				tokenGeneration: Math.max(instance.tokenGeneration + 1, nowMs),
				// AWS: a terminated instance has no addresses, interfaces and volumes any more.
				networkInterfaces: [],
				blockDeviceMappings: [],
				endpointListen: [],
				endpointBindings: [],
				lastModifiedTime: timestamp(nowMs),
			};
		case "stopped":
		case "terminated":
			return instance;
	}
}

/** Brings instances to the end of what is under way. */
export class Lifecycle {
	readonly #delayMs: number;
	readonly #failed: (error: unknown) => void;
	readonly #timers = new Map<string, NodeJS.Timeout>();
	#stopped = false;

	/**
	 * @param delayMs how long a change of state, and one of options, takes; 0 or more.
	 * @param failed told of what could not be written; it is tried again.
	 */
	constructor(delayMs: number, failed: (error: unknown) => void) {
		this.#delayMs = delayMs;
		this.#failed = failed;
	}

	/** To be called with every instance that was written, and after a start with those that are not settled. */
	follow(instance: Instance, inventory: Inventory): void {
		if (!isUnderWay(instance) || this.#stopped || this.#timers.has(instance.instanceId)) return;
		const delayMs = instance.state === "terminated" ? Math.max(0, forgottenAtMs(instance) - Date.now()) : this.#delayMs;
		this.#after(delayMs, instance.instanceId, inventory);
	}

	/** Nothing comes to its end any more. */
	stop(): void {
		this.#stopped = true;
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
	}

	#after(delayMs: number, instanceId: string, inventory: Inventory): void {
		const timer = setTimeout(() => {
			this.#timers.delete(instanceId);
			this.#advance(instanceId, inventory).catch((error: unknown) => {
				if (this.#stopped) return;
				this.#failed(error);
				this.#after(RETRY_MS, instanceId, inventory);
			});
		}, delayMs);
		this.#timers.set(instanceId, timer.unref());
	}

	async #advance(instanceId: string, inventory: Inventory): Promise<void> {
		const after = await inventory.update("instance", instanceId, (now) => settled(now, Date.now()));
		if (after === undefined || after.state !== "terminated") return;
		if (forgottenAtMs(after) > Date.now()) return this.follow(after, inventory);
		await inventory.forget("instance", instanceId);
	}
}

function forgottenAtMs({ stateTransition }: Instance): number {
	return (stateTransition === undefined ? 0 : epochMs(stateTransition.time)) + TERMINATED_KEPT_MS;
}
