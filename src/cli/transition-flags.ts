// Flags that the commands about the way to IMDSv2 have in common.

import { parseDuration } from "./durations.ts";
import { INSTANCE } from "./flags.ts";

const time = { kind: "parsed", parse: parseDuration, optional: true, placeholder: "TIME" } as const;

export const PERIOD = {
	...time,
	brief: "For how long there must have been no call without a token, such as 24h; 0s: nobody looks back (default: 24h).",
} as const;

export const WATCH = {
	...time,
	brief: "For how long an instance is watched, and goes back by itself if calls are rejected (default: 15m).",
} as const;

export const BATCH = {
	kind: "parsed",
	parse: parseCount,
	optional: true,
	placeholder: "N",
	brief: "How many instances at a time (default: a tenth of them).",
} as const;

export const INSTANCES = { ...INSTANCE, variadic: true, brief: "Only this instance; several times for several." } as const;

function parseCount(text: string): number {
	const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
	if (count > 0) return count;
	throw new RangeError("a whole number from 1 to 999999");
}

/** The ids asked for, as the service takes them. */
export function idsAsked(instance: readonly string[] | undefined): { readonly instanceIds?: readonly string[] } {
	return instance === undefined || instance.length === 0 ? {} : { instanceIds: instance };
}
