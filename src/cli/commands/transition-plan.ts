import { buildCommand } from "@stricli/core";
import { type Context, print, printJson } from "../context.ts";
import { counted } from "../durations.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import { leftOutLines } from "../transition.ts";
import { BATCH, idsAsked, INSTANCES, PERIOD } from "../transition-flags.ts";

interface PlanFlags {
	readonly period?: number;
	readonly batch?: number;
	readonly instance?: readonly string[];
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const transitionPlan = buildCommand<PlanFlags, [], Context>({
	docs: {
		brief: "Tell what enforce would do now.",
		fullDescription: `
Tells which instances would be required to use IMDSv2, in which batches, and what holds the others back. Changes nothing.

Examples:
  openimds transition plan
  openimds transition plan --period 7d --batch 20`,
	},
	parameters: { flags: { period: PERIOD, batch: BATCH, instance: INSTANCES, json: JSON_FLAG, dataDir: DATA_DIR } },
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ period, batch, instance, json, dataDir }) {
			const plan = await runningService(this, dataDir).perform("PlanTransition", {
				...(period !== undefined && { periodSeconds: period }),
				...(batch !== undefined && { batchSize: batch }),
				...idsAsked(instance),
			});
			if (json === true) return printJson(this, plan);
			const { batches = [], leftOut = [] } = plan;
			const count = batches.reduce((sum, { instanceIds = [] }) => sum + instanceIds.length, 0);
			print(
				this,
				count === 0
					? "No instance is ready, so nothing would be done."
					: `IMDSv2 would be required of ${counted(count, "instance")}, in ${count === 1 ? "a batch" : `${batches.length} batches`}:`,
				...batches.map(({ instanceIds = [] }, index) => `  ${index + 1}: ${instanceIds.join(", ")}`),
				...(leftOut.length === 0 ? [] : ["Left out:", ...leftOutLines(leftOut)]),
			);
		};
	},
});
