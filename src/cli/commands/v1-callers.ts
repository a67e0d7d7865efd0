import { buildCommand } from "@stricli/core";
import type { ToldCaller as Caller } from "../../daemon/control-messages.ts";
import { type Context, note, print, printJson } from "../context.ts";
import { agoText, durationText, parseDuration } from "../durations.ts";
import { DATA_DIR, INSTANCE, JSON_FLAG } from "../flags.ts";
import { type Column, table } from "../table.ts";
import { adviceLines, placeOf, programOf, reasonLines } from "../v1-callers.ts";

interface V1CallersFlags {
	readonly since?: number;
	readonly instance?: string;
	readonly json?: boolean;
	readonly dataDir?: string;
}

const DEFAULT_SECONDS = 86_400;

export const v1Callers = buildCommand<V1CallersFlags, [], Context>({
	docs: {
		brief: "List the programs that still call IMDSv1.",
		fullDescription: `
Lists who has asked for metadata without a token, answered or rejected: program, user, container or unit, how often, when last, and what to
change. Programs of this machine are looked up while they call; guests are known by their addresses and by what they say of themselves.
Counts are by the hour: the first one may reach back to the full hour before.

Examples:
  openimds v1-callers
  openimds v1-callers --since 7d --json
  openimds v1-callers --instance i-1234567890abcdef0`,
	},
	parameters: {
		flags: {
			since: {
				kind: "parsed",
				parse: parseDuration,
				optional: true,
				placeholder: "TIME",
				brief: "How far to look back, such as 90m or 7d (default: 24h).",
			},
			instance: { ...INSTANCE, brief: "Callers of this instance only." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
	},
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ since = DEFAULT_SECONDS, instance, json, dataDir }) {
			const sinceSeconds = Math.floor(Date.now() / 1000) - since;
			const { callers = [] } = await runningService(this, dataDir).perform("ListV1Callers", {
				since: sinceSeconds,
				...(instance !== undefined && { instanceIds: [instance] }),
			});
			if (json === true) return printJson(this, callers);
			if (callers.length === 0) return note(this, `nobody called without a token in the last ${durationText(since)}.`);
			const nowMs = Date.now();
			const { lines, leftOut } = table(callers, columns(nowMs), this.process.stdout);
			print(this, ...lines);
			if (leftOut.length > 0) note(this, `left out for want of room: ${leftOut.join(", ")}. --json tells all.`);
			print(this, "", "What to change:", ...adviceLines(callers));
			const reasons = reasonLines(callers);
			if (reasons.length > 0) print(this, "", "Why a program is not known:", ...reasons);
		};
	},
});

function columns(nowMs: number): readonly Column<Caller>[] {
	return [
		{ title: "INSTANCE", value: ({ instanceId = "" }) => instanceId, expendable: 2 },
		{ title: "PROGRAM", value: programOf, shortest: 20 },
		{ title: "USER", value: ({ user = "" }) => user, shortest: 8, expendable: 4 },
		{ title: "WHERE", value: placeOf, shortest: 16, expendable: 5 },
		{ title: "CALLS", value: ({ calls = 0 }) => String(calls) },
		{ title: "REJECTED", value: ({ rejected = 0 }) => String(rejected), expendable: 3 },
		{ title: "LAST", value: ({ lastSeen }) => agoText(lastSeen, nowMs), expendable: 1 },
	];
}
