import { epochMs, type Timestamp } from "../../../model/timestamp.ts";
import type { Transition, TransitionStep } from "../../../model/transition.ts";
import type { TransitionDescription, TransitionInstance, TransitionStep as DescribedStep, V1Caller } from "../../models/openimds.ts";
import type { Call } from "../../operation.ts";
import type { Readiness } from "../../transition/readiness.ts";
import { describedCallers, nameOf } from "./v1-callers.ts";

/** Callers that are told of one instance. */
const CALLERS_TOLD = 5;

/** An instance on its way to IMDSv2, with those who call it without a token. */
export function describedReadiness(
	{ instance, verdict, reason, v1Calls, rejectedCalls, observedSeconds, lastV1Ms }: Readiness,
	callers: readonly V1Caller[] = [],
): TransitionInstance {
	return {
		instanceId: instance.instanceId,
		name: nameOf(instance),
		state: instance.state,
		httpTokens: instance.metadataOptions.httpTokens,
		v1Calls,
		rejectedCalls,
		observedSeconds,
		lastV1Call: lastV1Ms === undefined ? undefined : new Date(lastV1Ms),
		callers: callers.slice(0, CALLERS_TOLD),
		verdict,
		reason,
	};
}

/** The last transition that was begun; `undefined`: there was none. */
export async function describedTransition(call: Pick<Call, "inventory" | "calls">): Promise<TransitionDescription | undefined> {
	const records = await call.inventory.records();
	const transition = records.transition.get("current");
	if (transition === undefined) return undefined;
	const steps = [...records["transition-step"].values()].filter(({ transitionId }) => transitionId === transition.transitionId);
	const broken = steps.filter(({ state, enforcedAt }) => state === "rolled-back" && enforcedAt !== undefined);
	const sinceMs = Math.min(...broken.map(({ enforcedAt }) => epochMs(enforcedAt!)));
	const ids = broken.map(({ instanceId }) => instanceId);
	const rows = broken.length === 0 ? [] : await call.calls.calls(sinceMs, ids);
	const { startedAt, endedAt, ...head } = transition;
	return {
		...head,
		startedAt: new Date(startedAt),
		endedAt: dateOf(endedAt),
		steps: steps
			.toSorted((a, b) => a.batch - b.batch || (a.instanceId < b.instanceId ? -1 : 1))
			.map((step) => {
				const hit = rows.filter((row) => wasHit(row, step));
				const instance = records.instance.get(step.instanceId);
				return { ...describedStep(step, transition), name: instance && nameOf(instance), hit: describedCallers(hit, records) };
			}),
	};
}

function wasHit({ instanceId, rejected, lastMs }: { instanceId: string; rejected: number; lastMs: number }, step: TransitionStep): boolean {
	return instanceId === step.instanceId && rejected > 0 && step.enforcedAt !== undefined && lastMs >= epochMs(step.enforcedAt);
}

function describedStep(step: TransitionStep, { watchSeconds }: Transition): DescribedStep {
	const { instanceId, batch, state, reason, enforcedAt, rolledBackAt } = step;
	return {
		instanceId,
		batch,
		// "enforcing" is our own care: to whoever looks, it is being watched.
		state: state === "enforcing" ? "watching" : state,
		reason,
		enforcedAt: dateOf(enforcedAt),
		watchedUntil: enforcedAt === undefined ? undefined : new Date(epochMs(enforcedAt) + watchSeconds * 1000),
		rolledBackAt: dateOf(rolledBackAt),
	};
}

function dateOf(time: Timestamp | undefined): Date | undefined {
	return time === undefined ? undefined : new Date(epochMs(time));
}
