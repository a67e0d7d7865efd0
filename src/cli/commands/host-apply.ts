import { buildCommand } from "@stricli/core";
import { type Context, note, print, printJson } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { JSON_FLAG } from "../flags.ts";
import { HOST_FLAGS, type HostFlags } from "../host-flags.ts";
import { printPlan } from "./host-plan.ts";

interface ApplyFlags extends HostFlags {
	readonly dryRun?: boolean;
}

export const hostApply = buildCommand<ApplyFlags, [], Context>({
	docs: {
		brief: "Make this host ready for its instances.",
		fullDescription: `
Does what "openimds host plan" prints, and says each. What is in place stays as it is, so doing it again changes nothing. It takes root;
"openimds host clean" undoes it. After a change of endpointBindings, do it again.

Examples:
  sudo openimds host apply --config openimds.yaml
  openimds host apply --config openimds.yaml --dry-run`,
	},
	parameters: {
		flags: {
			...HOST_FLAGS,
			dryRun: { kind: "boolean", optional: true, withNegated: false, brief: `Change nothing; print what "openimds host plan" does.` },
			json: JSON_FLAG,
		},
	},
	async loader() {
		const [{ hostSubject }, { planHost }, { applyNeeds }, { appliedRecord }, { lackingOf }] = await Promise.all([
			import("../host-flags.ts"),
			import("../../host/host-plan.ts"),
			import("../../host/host-changes.ts"),
			import("../../host/host-record.ts"),
			import("../../host/privileges.ts"),
		]);
		return async function ({ dryRun, json, ...flags }) {
			const { instances, interfaces, sameFlags } = await hostSubject(this, flags);
			const plan = await planHost(instances, interfaces);
			if (dryRun === true) return printPlan(this, plan, json === true);
			if (lackingOf(["CAP_NET_ADMIN"]).length > 0) {
				throw new Failure(`This user may not change the network of this host. Try: sudo openimds host apply${sameFlags}`);
			}
			const steps = await applyNeeds(plan.needs, appliedRecord());
			if (steps.some(({ failure }) => failure !== undefined)) this.process.exitCode = EXIT.failed;
			if (json === true) return printJson(this, { steps, problems: plan.problems });
			for (const { name } of plan.needs.filter(({ isInPlace }) => isInPlace)) print(this, `in place  ${name}`);
			for (const { name, failure } of steps) print(this, failure === undefined ? `done      ${name}` : `FAILED    ${name}: ${failure}`);
			for (const { message, mend } of plan.problems) note(this, `${message} This mends it: ${mend}`);
		};
	},
});
