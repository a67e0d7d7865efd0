import { buildCommand } from "@stricli/core";
import { type Context, note, print, printJson } from "../context.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import { instancesTable, summaryOf, transitionLines } from "../transition.ts";
import { idsAsked, INSTANCES, PERIOD } from "../transition-flags.ts";

interface StatusFlags {
	readonly period?: number;
	readonly instance?: readonly string[];
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const transitionStatus = buildCommand<StatusFlags, [], Context>({
	docs: {
		brief: "Tell how far the instances are.",
		fullDescription: `
Tells for each instance how often it was called without a token, by whom, and whether IMDSv2 may be required; and what the last transition has
done.

Examples:
  openimds transition status
  openimds transition status --period 7d --json`,
	},
	parameters: { flags: { period: PERIOD, instance: INSTANCES, json: JSON_FLAG, dataDir: DATA_DIR } },
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ period, instance, json, dataDir }) {
			const asked = { ...(period !== undefined && { periodSeconds: period }), ...idsAsked(instance) };
			const told = await runningService(this, dataDir).perform("DescribeTransition", asked);
			if (json === true) return printJson(this, told);
			const { instances = [], periodSeconds = 0, transition } = told;
			const { lines, leftOut } = instancesTable(instances, this.process.stdout);
			print(this, ...lines);
			if (leftOut.length > 0) note(this, `left out for want of room: ${leftOut.join(", ")}. --json tells all.`);
			print(this, "", summaryOf(instances, periodSeconds), ...transitionLines(transition));
		};
	},
});
