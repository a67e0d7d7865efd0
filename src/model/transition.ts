import type { Timestamp } from "./timestamp.ts";

/** The account's way to IMDSv2 as it was last begun; there is one at a time, and its {@link TransitionStep}s are its instances'. */
export interface Transition {
	/** `tr-…` */
	readonly transitionId: string;
	/**
	 * `running`: batches follow each other; `done`: all were enforced and watched; `stopped`: calls of a batch were rejected, so no further
	 * one is begun; `rolled-back`: somebody undid it.
	 */
	readonly state: "running" | "done" | "stopped" | "rolled-back";
	/** Why it is in its state, where that needs words. */
	readonly reason?: string;
	readonly startedAt: Timestamp;
	readonly endedAt?: Timestamp;
	/** For so long an instance must have had no calls without a token; 0: nobody looks back. */
	readonly periodSeconds: number;
	/** For so long after its enforcement an instance goes back by itself if calls are rejected. */
	readonly watchSeconds: number;
	readonly batchCount: number;
	/** The one under way, from 0. */
	readonly batch: number;
}

/** What a transition has done to one instance. */
export interface TransitionStep {
	readonly instanceId: string;
	readonly transitionId: string;
	readonly batch: number;
	/** `enforcing`: decided, and perhaps written. `skipped`: something had changed since the plan. */
	readonly state: "waiting" | "enforcing" | "watching" | "enforced" | "rolled-back" | "skipped";
	readonly reason?: string;
	readonly enforcedAt?: Timestamp;
	readonly rolledBackAt?: Timestamp;
}
