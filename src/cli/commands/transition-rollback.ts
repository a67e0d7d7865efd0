import { buildCommand } from "@stricli/core";
import { type Context, print, printJson } from "../context.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import { transitionLines } from "../transition.ts";
import { idsAsked, INSTANCES } from "../transition-flags.ts";

interface RollbackFlags {
	readonly instance?: readonly string[];
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const transitionRollback = buildCommand<RollbackFlags, [], Context>({
	docs: {
		brief: "Make tokens optional again where the last transition required them.",
		fullDescription: `
Undoes the last transition: instances that it required IMDSv2 of may be called without a token again, and no further batch is begun. With
--instance only these go back; the rest of their batch is watched on, and no further batch is begun.

Examples:
  openimds transition rollback
  openimds transition rollback --instance i-1234567890abcdef0`,
	},
	parameters: { flags: { instance: INSTANCES, json: JSON_FLAG, dataDir: DATA_DIR } },
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ instance, json, dataDir }) {
			const { transition } = await runningService(this, dataDir).perform("RollBackTransition", idsAsked(instance));
			if (json === true) return printJson(this, transition);
			print(this, ...transitionLines(transition));
		};
	},
});
