// The way to IMDSv2, for people: instances and what holds them back, and what a transition has done.

import type { ToldInstance as Instance, ToldStep as Step, ToldTransition } from "../daemon/control-messages.ts";
import { printable } from "./context.ts";
import { agoText, counted, durationText } from "./durations.ts";
import { type Column, table } from "./table.ts";
import { nameOf, shortly } from "./v1-callers.ts";

/** A table of instances. */
export function instancesTable(instances: readonly Instance[], stream: NodeJS.WriteStream): ReturnType<typeof table> {
	const nowMs = Date.now();
	const columns: readonly Column<Instance>[] = [
		{ title: "INSTANCE", value: ({ instanceId = "" }) => instanceId },
		{ title: "NAME", value: ({ name = "" }) => name, shortest: 10, expendable: 3 },
		{ title: "TOKENS", value: ({ httpTokens = "" }) => httpTokens, expendable: 4 },
		{ title: "V1 CALLS", value: ({ v1Calls = 0 }) => String(v1Calls) },
		{ title: "LAST", value: ({ lastV1Call }) => agoText(lastV1Call, nowMs), expendable: 5 },
		{ title: "BY", value: ({ callers = [] }) => [...new Set(callers.map(nameOf))].join(", "), shortest: 12, expendable: 2 },
		{ title: "READY", value: ({ verdict }) => READY[verdict ?? "unknown"], expendable: 1 },
	];
	return table(instances, columns, stream);
}

const READY = { required: "done", safe: "yes", unsafe: "no", unknown: "not known" } as const;

/** How many instances there are of each kind, in the words of the table. */
export function summaryOf(instances: readonly Instance[], periodSeconds: number): string {
	const calls = instances.reduce((sum, { v1Calls = 0 }) => sum + v1Calls, 0);
	const of = (verdict: Instance["verdict"]) => instances.filter((each) => each.verdict === verdict).length;
	const counts = listed([
		[of("required"), "done"],
		[of("safe"), "ready"],
		[of("unsafe"), "not ready"],
		[of("unknown"), "not known"],
	]);
	return `${counted(instances.length, "instance")}: ${counts}. ${counted(calls, "call")} without a token in the last ${durationText(periodSeconds)}.`;
}

/** The last transition, a line each for what it is, and for each instance that needs one. */
export function transitionLines(transition: ToldTransition | undefined): readonly string[] {
	if (transition === undefined) return ["No transition was begun yet."];
	const { state = "", reason, startedAt = 0, watchSeconds = 0, batch = 0, batchCount = 0, steps = [] } = transition;
	const of = (...states: readonly Step["state"][]) => steps.filter((step) => states.includes(step.state)).length;
	const where = state === "running" ? `, batch ${batch + 1} of ${batchCount}, each watched for ${durationText(watchSeconds)}` : "";
	const counts = listed([
		[of("enforced"), "enforced"],
		[of("watching"), "watched"],
		[of("waiting"), state === "running" ? "waiting" : "not begun"],
		[of("rolled-back"), "rolled back"],
		[of("skipped"), "skipped"],
	]);
	return [
		`Transition of ${new Date(startedAt * 1000).toISOString().replace(".000", "")}: ${wordsOf(state)}${where}.`,
		`  ${counted(steps.length, "instance")}: ${counts}.`,
		...(reason === undefined ? [] : [`  ${reason}`]),
		...steps.filter((step) => step.reason !== reason).flatMap(stepLines),
	];
}

/** What is not as planned is told with its reason, and with who was hit. */
function stepLines({ instanceId = "", name, state = "waiting", reason, hit = [] }: Step): readonly string[] {
	if (reason === undefined) return [];
	return [`  ${labelOf(instanceId, name)} ${wordsOf(state)}: ${reason}`, ...hit.map((caller) => `    hit: ${shortly(caller)}`)];
}

/** What stands in the way of instances, a line each. */
export function leftOutLines(leftOut: readonly Instance[]): readonly string[] {
	return leftOut.map(({ instanceId = "", name, reason, verdict, state, observedSeconds = 0 }) => {
		const watched = verdict === "unknown" && state === "running" ? ` (Watched for: ${durationText(observedSeconds)}.)` : "";
		return `  ${labelOf(instanceId, name)}: ${reason}${watched}`;
	});
}

function labelOf(instanceId: string, name: string | undefined): string {
	return name === undefined ? instanceId : `${instanceId} (${printable(name)})`;
}

function listed(counts: readonly (readonly [count: number, words: string])[]): string {
	const told = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
	return told.join(", ") || "none";
}

/** States are said as people say them. */
function wordsOf(state: string): string {
	return state.replace("-", " ");
}
