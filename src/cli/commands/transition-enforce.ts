import { buildCommand } from "@stricli/core";
import { setTimeout as wait } from "node:timers/promises";
import { type Context, note, print, printJson } from "../context.ts";
import { counted } from "../durations.ts";
import { EXIT } from "../failure.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import type { ToldTransition } from "../../daemon/control-messages.ts";
import { leftOutLines, transitionLines } from "../transition.ts";
import { BATCH, idsAsked, INSTANCES, PERIOD, WATCH } from "../transition-flags.ts";

interface EnforceFlags {
	readonly period?: number;
	readonly batch?: number;
	readonly watch?: number;
	readonly instance?: readonly string[];
	readonly detach?: boolean;
	readonly json?: boolean;
	readonly dataDir?: string;
}

const LOOK_MS = 1_000;

export const transitionEnforce = buildCommand<EnforceFlags, [], Context>({
	docs: {
		brief: "Require IMDSv2 where it is safe, and take back what breaks.",
		fullDescription: `
Requires IMDSv2 of the instances that nobody has called without a token for the period, batch after batch. Each is watched: if calls are rejected,
it goes back to optional tokens by itself, no further batch is begun, and the report says who was hit. The service does this by itself, also
after a restart; this command follows it to its end (Ctrl-C leaves it running) and exits with 1 if something was rolled back.

Examples:
  openimds transition enforce
  openimds transition enforce --period 7d --batch 20 --watch 1h --detach
  openimds transition enforce --instance i-1234567890abcdef0 --watch 5m`,
	},
	parameters: {
		flags: {
			period: PERIOD,
			batch: BATCH,
			watch: WATCH,
			instance: INSTANCES,
			detach: { kind: "boolean", optional: true, withNegated: false, brief: "Begin, and don't wait for the end." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
	},
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ period, batch, watch, instance, detach, json, dataDir }) {
			const service = runningService(this, dataDir);
			const begun = await service.perform("StartTransition", {
				...(period !== undefined && { periodSeconds: period }),
				...(batch !== undefined && { batchSize: batch }),
				...(watch !== undefined && { watchSeconds: watch }),
				...idsAsked(instance),
			});
			const { leftOut = [] } = begun;
			if (json !== true && leftOut.length > 0) print(this, "Left out:", ...leftOutLines(leftOut));
			let { transition } = begun;
			let told = "";
			if (detach === true) return json === true ? printJson(this, begun) : print(this, ...transitionLines(transition));
			while (transition?.state === "running") {
				await wait(LOOK_MS);
				({ transition } = await service.perform("DescribeTransition", { periodSeconds: 0, ...idsAsked(instance) }));
				const progress = progressOf(transition);
				if (json !== true && progress !== told) note(this, (told = progress));
			}
			if (json === true) printJson(this, { ...begun, transition });
			else if (transition === undefined) print(this, "No instance is ready, so nothing was begun.");
			else print(this, ...transitionLines(transition));
			if (transition?.state === "stopped" || transition?.state === "rolled-back") this.process.exitCode = EXIT.failed;
		};
	},
});

function progressOf(transition: ToldTransition | undefined): string {
	const { batch = 0, batchCount = 0, steps = [] } = transition ?? {};
	const done = steps.filter(({ state }) => state === "enforced" || state === "rolled-back" || state === "skipped").length;
	return `batch ${batch + 1} of ${batchCount}, ${done} of ${counted(steps.length, "instance")} done`;
}
