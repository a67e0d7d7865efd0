// What PlanTransition tells and StartTransition does: which instances are required to use IMDSv2, and in which batches.

import { invalidParameterValue } from "../../errors.ts";
import type { TransitionInstance } from "../../models/openimds.ts";
import type { Call } from "../../operation.ts";
import { PERIOD_MAX_SECONDS, readinessOf } from "../../transition/readiness.ts";
import { describedReadiness } from "./described-transition.ts";
import { instancesOfAccount } from "./instances-asked.ts";

export const DEFAULT_PERIOD_SECONDS = 86_400;

/** What was asked for. */
interface PlanRequest {
	readonly periodSeconds?: number | undefined;
	readonly batchSize?: number | undefined;
	readonly instanceIds?: readonly string[] | undefined;
}

export interface Plan {
	readonly periodSeconds: number;
	/** Ids of instances that may be required to use IMDSv2. */
	readonly batches: readonly (readonly string[])[];
	/** The others that do not require it already, with the reason. */
	readonly leftOut: readonly TransitionInstance[];
}

/**
 * Plans a transition. Without a size, a batch is a tenth of the instances.
 *
 * @throws {ApiError} for a period or a size that can't be.
 */
export async function planOf({ periodSeconds = DEFAULT_PERIOD_SECONDS, batchSize, instanceIds }: PlanRequest, call: Call): Promise<Plan> {
	checkPeriod(periodSeconds);
	if (batchSize !== undefined && batchSize < 1) {
		throw invalidParameterValue(`Invalid value '${batchSize}' for batchSize. Specify a number of instances, 1 or more.`);
	}
	const instances = instancesOfAccount(instanceIds, call);
	const readiness = await readinessOf(instances, { calls: call.calls, periodSeconds, nowMs: call.nowMs });
	const safe = readiness.filter(({ verdict }) => verdict === "safe").map(({ instance }) => instance.instanceId);
	const size = batchSize ?? Math.max(1, Math.ceil(safe.length / 10));
	return {
		periodSeconds,
		batches: Array.from({ length: Math.ceil(safe.length / size) }, (_, n) => safe.slice(n * size, (n + 1) * size)),
		leftOut: readiness.filter(({ verdict }) => verdict === "unsafe" || verdict === "unknown").map((each) => describedReadiness(each)),
	};
}

/** @throws {ApiError} for a period that nobody can look back. */
export function checkPeriod(periodSeconds: number): void {
	if (periodSeconds >= 0 && periodSeconds <= PERIOD_MAX_SECONDS) return;
	throw invalidParameterValue(
		`Invalid value '${periodSeconds}' for periodSeconds. Specify a value from 0 (nobody looks back) to ${PERIOD_MAX_SECONDS} (15 days).`,
	);
}
