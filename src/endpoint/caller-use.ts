// What one caller takes of the service, so that it can't take its neighbours' share (security.md S8).

import { Tally } from "../observe/request-counts.ts";
import type { RequestRate } from "./limits.ts";
import { TurnShare } from "./turns.ts";

/** The connections, the turns, the counts and the token bucket of one caller. */
export class CallerUse {
	readonly turns = new TurnShare();
	readonly tally: Tally;
	/** Open connections. */
	connections = 0;
	#left: number;
	#atMs: number;
	readonly #rate: RequestRate | undefined;

	constructor(instanceId: string, rate: RequestRate | undefined, nowMs: number) {
		this.tally = new Tally(instanceId);
		this.#rate = rate;
		this.#left = rate?.perSecond ?? 0;
		this.#atMs = nowMs;
	}

	/** Takes what a request costs; `false`: there is not so much left. */
	takeRequest(nowMs: number): boolean {
		return this.#rate === undefined || this.#take(this.#rate, this.#rate.requestCost, nowMs);
	}

	/** Takes what a connection costs, likewise. */
	takeConnection(nowMs: number): boolean {
		return this.#rate === undefined || this.#take(this.#rate, this.#rate.connectionCost, nowMs);
	}

	/** Whether forgetting it changes nothing. */
	isIdle(nowMs: number): boolean {
		return (
			this.connections === 0 &&
			!this.tally.isTouched &&
			(this.#rate === undefined || this.#refilled(this.#rate, nowMs) >= this.#rate.perSecond)
		);
	}

	#take(rate: RequestRate, cost: number, nowMs: number): boolean {
		this.#left = this.#refilled(rate, nowMs);
		this.#atMs = nowMs;
		if (this.#left < cost) return false;
		this.#left -= cost;
		return true;
	}

	#refilled({ perSecond }: RequestRate, nowMs: number): number {
		// A clock that was set back gives nothing, and takes nothing.
		const passedMs = Math.max(0, nowMs - this.#atMs);
		return Math.min(perSecond, this.#left + (passedMs * perSecond) / 1000);
	}
}
