// Whether an instance may be required to use IMDSv2: what is known of its calls without a token, and what follows from that.

import type { Instance } from "../../model/instance.ts";
import type { CallReader } from "../../observe/call-reader.ts";
import { seriesOf } from "../../observe/request-series.ts";

/** What was seen of an instance in a period. */
export interface Seen {
	/** Calls without a token that were answered: with something, or with a 404, which they would no longer get either. */
	readonly v1Calls: number;
	readonly rejectedCalls: number;
	/** For how long it ran and was counted. */
	readonly observedSeconds: number;
	readonly lastV1Ms?: number;
}

/** An instance, what was seen of it, and what follows. */
export interface Readiness extends Seen {
	readonly instance: Instance;
	/** `required`: it uses IMDSv2 alone already; `unknown`: it was not watched for long enough to tell. */
	readonly verdict: "required" | "safe" | "unsafe" | "unknown";
	/** A sentence. */
	readonly reason: string;
}

/** The longest time that can be looked back: as long as each minute is kept. */
export const PERIOD_MAX_SECONDS = 15 * 86_400;

/** What a period may lack and count as watched: the minute that it begins in, and a restart of the service. */
const UNWATCHED_MAX_SECONDS = 120;

/**
 * AWS: MetadataNoToken counts what was found. A caller that polls for a Spot interruption gets a 404 for most of its life, and would break
 * all the same, so both count here.
 */
const V1_SERIES = [seriesOf("v1", 200), seriesOf("v1", 404)];
const REJECTED = seriesOf("v1", 401);

/** What was seen of instances up to now. */
export async function readinessOf(
	instances: readonly Instance[],
	{ calls, periodSeconds, nowMs }: { readonly calls: CallReader; readonly periodSeconds: number; readonly nowMs: number },
): Promise<readonly Readiness[]> {
	const ids = instances.map(({ instanceId }) => instanceId);
	const [observed, lastCalls] = await Promise.all([
		calls.observed(ids, nowMs - periodSeconds * 1000, nextMinuteMs(nowMs), [...V1_SERIES, REJECTED]),
		calls.lastCalls(ids),
	]);
	const observedOf = new Map(observed.map((each) => [each.instanceId, each]));
	const lastOf = new Map(lastCalls.map((each) => [each.instanceId, each]));
	return instances.map((instance) => {
		const { minutes, sums } = observedOf.get(instance.instanceId) ?? { minutes: 0, sums: [] };
		const lastV1Ms = lastOf.get(instance.instanceId)?.v1Ms;
		const seen: Seen = {
			v1Calls: V1_SERIES.reduce((sum, _, index) => sum + (sums[index] ?? 0), 0),
			rejectedCalls: sums[V1_SERIES.length] ?? 0,
			observedSeconds: Math.min(periodSeconds, minutes * 60),
			...(lastV1Ms !== undefined && { lastV1Ms }),
		};
		return { instance, ...seen, ...verdictOf(instance, seen, periodSeconds) };
	});
}

/** What follows from what was seen. */
export function verdictOf(instance: Instance, seen: Seen, periodSeconds: number): Pick<Readiness, "verdict" | "reason"> {
	if (instance.metadataOptions.httpTokens === "required") return { verdict: "required", reason: "It requires tokens already." };
	if (instance.state !== "running") return { verdict: "unknown", reason: `It is ${instance.state}: what it will call can't be seen.` };
	if (periodSeconds === 0) return { verdict: "safe", reason: "Nobody looks back: the period asked is 0." };
	if (seen.v1Calls > 0) {
		return { verdict: "unsafe", reason: `${seen.v1Calls} ${seen.v1Calls === 1 ? "call" : "calls"} without a token in the period.` };
	}
	if (seen.observedSeconds < periodSeconds - Math.min(UNWATCHED_MAX_SECONDS, periodSeconds)) {
		return { verdict: "unknown", reason: "It was not watched for the whole period." };
	}
	return { verdict: "safe", reason: "No call without a token in the period." };
}

/** The minute that has begun counts, too. */
function nextMinuteMs(nowMs: number): number {
	return (Math.floor(nowMs / 60_000) + 1) * 60_000;
}
