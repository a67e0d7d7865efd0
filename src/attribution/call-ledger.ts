// Calls without a token, by who makes them: noted beside the path of a request, looked up once a connection, put together by program.

import { type CallerFacts, callerFacts } from "./caller-facts.ts";
import type { Finding, SocketEnds } from "./finding.ts";

/** Who calls, as the endpoint tells it (structurally, endpoint/witness.ts). */
export interface Caller {
	readonly instanceId: string;
	readonly source: string;
	readonly behindProxy: boolean;
	readonly userAgent: string;
	readonly ends: SocketEnds | undefined;
	readonly fd: number;
	/** When the connection was accepted, by `performance.now()`. */
	readonly acceptedAtMs?: number;
}

/** Calls of a program on an instance since they were last drained. */
export interface NotedCalls {
	readonly instanceId: string;
	readonly key: string;
	/** JSON of {@link CallerFacts}. */
	readonly facts: string;
	/** Hours since the epoch. */
	readonly hour: number;
	readonly classes: Classes;
	readonly answered: number;
	readonly rejected: number;
	readonly lastMs: number;
}

/** When an instance last had a call without a token that was answered, and one that was rejected. */
export interface LastNoted {
	readonly instanceId: string;
	v1Ms?: number;
	rejectedMs?: number;
}

/** What answers to calls without a token come to. */
export interface TokenlessAnswers {
	/** Which series are answers that the caller would miss, and which are rejections. */
	readonly isAnswered: (series: number) => boolean;
	readonly isRejected: (series: number) => boolean;
}

/** Looks up who is at the other end of a socket; missing: nobody looks, and only what callers say of themselves is known. */
export type Lookup = (caller: Caller) => Promise<Finding>;

/** Calls by class of path, in the order of the endpoint's PATH_CLASSES. */
type Classes = [number, number, number, number, number];

const NO_CALLS = (): Classes => [0, 0, 0, 0, 0];

const HOUR_MS = 3_600_000;

/** New connections a second that are looked up, of all instances and of each: a flood must not take the time of those who are served. */
const LOOKUPS_PER_SECOND = 500;
const LOOKUPS_PER_SECOND_EACH = 100;

export class CallLedger {
	readonly #answers: TokenlessAnswers;
	readonly #lookup: Lookup | undefined;
	readonly #touched = new Set<Calls>();
	readonly #last = new Map<string, LastNoted>();
	#lastTouched = new Set<LastNoted>();
	readonly #pending = new Set<Promise<void>>();
	/** Since the last {@link drain}. */
	readonly #unsoughtBy = new Map<string, Calls>();
	/** Lookups begun in the second that began at `#secondMs`, by instance. */
	#secondMs = 0;
	#begun = 0;
	readonly #begunBy = new Map<string, number>();

	constructor(answers: TokenlessAnswers, lookup: Lookup | undefined) {
		this.#answers = answers;
		this.#lookup = lookup;
	}

	/** A connection made its first call without a token, or its first by another agent. */
	meet(caller: Caller): Calls {
		const lookup = this.#lookup;
		if (lookup === undefined) return this.#unsought(caller, "programs are not looked up here (--no-attribution)");
		if (caller.behindProxy) return this.#unsought(caller, "it came through a proxy");
		if (!this.#mayLookUp(caller.instanceId)) return this.#unsought(caller, "too many connections in one second to look each up");
		const calls = this.#callsOf(caller);
		const found = lookup(caller)
			.then((finding) => calls.found(finding))
			.finally(() => this.#pending.delete(found));
		this.#pending.add(found);
		return calls;
	}

	/** Whether {@link drain} has something to tell. */
	get hasNews(): boolean {
		return this.#lastTouched.size > 0 || [...this.#touched].some(({ isFound }) => isFound);
	}

	/**
	 * What was noted since the last time, but for calls whose program is still being looked up.
	 *
	 * @param finallyAll take those, too.
	 */
	drain(finallyAll = false): { readonly calls: readonly NotedCalls[]; readonly last: readonly LastNoted[] } {
		const noted: NotedCalls[] = [];
		for (const calls of this.#touched) {
			if (!calls.isFound && finallyAll) calls.found({ unknown: "the service ended before it was looked up" });
			if (!calls.isFound) continue;
			noted.push(calls.take());
			this.#touched.delete(calls);
		}
		this.#unsoughtBy.clear();
		const last = [...this.#lastTouched];
		this.#lastTouched = new Set();
		return { calls: noted, last };
	}

	/** Resolves once everything that was begun to be looked up is found, or given up. */
	async settled(): Promise<void> {
		await Promise.all(this.#pending);
	}

	/** Whom nobody looks up is known by what they say alone: all their connections are one account, and a flood of them costs little. */
	#unsought(caller: Caller, unknown: string): Calls {
		const identity = JSON.stringify([caller.instanceId, addressOf(caller), caller.userAgent, unknown]);
		const known = this.#unsoughtBy.get(identity);
		if (known !== undefined) return known;
		const calls = this.#callsOf(caller);
		calls.found({ unknown });
		this.#unsoughtBy.set(identity, calls);
		return calls;
	}

	#callsOf(caller: Caller): Calls {
		return new Calls(caller, this.#answers, this.#lastOf(caller.instanceId), (noted) => this.#touch(noted));
	}

	#touch(calls: Calls): void {
		this.#touched.add(calls);
		this.#lastTouched.add(calls.last);
	}

	#lastOf(instanceId: string): LastNoted {
		const known = this.#last.get(instanceId);
		if (known !== undefined) return known;
		const last: LastNoted = { instanceId };
		this.#last.set(instanceId, last);
		return last;
	}

	#mayLookUp(instanceId: string): boolean {
		const nowMs = performance.now();
		if (nowMs >= this.#secondMs + 1000) {
			this.#secondMs = nowMs;
			this.#begun = 0;
			this.#begunBy.clear();
		}
		const begunBy = this.#begunBy.get(instanceId) ?? 0;
		if (this.#begun >= LOOKUPS_PER_SECOND || begunBy >= LOOKUPS_PER_SECOND_EACH) return false;
		this.#begun++;
		this.#begunBy.set(instanceId, begunBy + 1);
		return true;
	}
}

function addressOf({ source, ends }: Caller): string {
	return source || (ends?.clientAddress ?? "");
}

/** Calls without a token of one caller: over one connection, or over all that nobody looks up. */
class Calls {
	readonly userAgent: string;
	readonly last: LastNoted;
	readonly #caller: Caller;
	readonly #answers: TokenlessAnswers;
	readonly #touch: (calls: Calls) => void;
	#classes = NO_CALLS();
	#answered = 0;
	#rejected = 0;
	#lastMs = 0;
	#isTouched = false;
	#found: { readonly key: string; readonly facts: CallerFacts } | undefined;

	constructor(caller: Caller, answers: TokenlessAnswers, last: LastNoted, touch: (calls: Calls) => void) {
		this.userAgent = caller.userAgent;
		this.last = last;
		this.#caller = caller;
		this.#answers = answers;
		this.#touch = touch;
	}

	get isFound(): boolean {
		return this.#found !== undefined;
	}

	/** Notes one call. */
	note(pathClass: number, series: number, nowMs: number): void {
		this.#classes[pathClass]!++;
		this.#lastMs = nowMs;
		if (this.#answers.isRejected(series)) {
			this.#rejected++;
			this.last.rejectedMs = nowMs;
		} else if (this.#answers.isAnswered(series)) {
			this.#answered++;
			this.last.v1Ms = nowMs;
		}
		if (this.#isTouched) return;
		this.#isTouched = true;
		this.#touch(this);
	}

	found(finding: Finding): void {
		this.#found = callerFacts(finding, this.userAgent, addressOf(this.#caller));
	}

	take(): NotedCalls {
		const { key, facts } = this.#found!;
		const noted = {
			instanceId: this.#caller.instanceId,
			key,
			facts: JSON.stringify(facts),
			hour: Math.floor(this.#lastMs / HOUR_MS),
			classes: this.#classes,
			answered: this.#answered,
			rejected: this.#rejected,
			lastMs: this.#lastMs,
		};
		this.#classes = NO_CALLS();
		this.#answered = 0;
		this.#rejected = 0;
		this.#isTouched = false;
		return noted;
	}
}
