import { buildCommand } from "@stricli/core";
import { type Context, note, print, printable, printJson } from "../context.ts";
import { JSON_FLAG } from "../flags.ts";
import { HOST_FLAGS, type HostFlags } from "../host-flags.ts";
import type { HostPlan } from "../../host/host-plan.ts";

export const hostPlan = buildCommand<HostFlags, [], Context>({
	docs: {
		brief: "Print the commands that make this host ready for its instances.",
		fullDescription: `
Prints what this host lacks for the endpointBindings of the instances, as commands for a shell, each with its reason. Nothing is changed.
What is in place already, and what no command here can mend, is told in comments.

Examples:
  openimds host plan
  openimds host plan --config openimds.yaml
  openimds host plan --config openimds.yaml | sudo sh`,
	},
	parameters: { flags: { ...HOST_FLAGS, json: JSON_FLAG } },
	async loader() {
		const [{ hostSubject }, { planHost }] = await Promise.all([import("../host-flags.ts"), import("../../host/host-plan.ts")]);
		return async function (flags) {
			const { instances, interfaces } = await hostSubject(this, flags);
			await printPlan(this, await planHost(instances, interfaces), flags.json === true);
		};
	},
});

/** Prints a plan: a script that does what is not done yet. */
export async function printPlan(context: Context, { needs, problems }: HostPlan, json: boolean): Promise<void> {
	const { printCommand } = await import("../../host/command.ts");
	const told = needs.map(({ name, reason, isInPlace, commands }) => ({
		name,
		reason,
		isInPlace,
		commands: isInPlace ? [] : commands.map(printCommand),
	}));
	if (json) return printJson(context, { needs: told, problems });
	for (const { name, reason, isInPlace, commands } of told) {
		if (isInPlace) print(context, `# in place: ${name}`);
		else print(context, `# ${name}: ${reason}`, ...commands);
	}
	for (const { message, mend } of problems) print(context, `# problem: ${printable(message)}`, `#   ${printable(mend)}`);
	if (needs.length === 0 && problems.length === 0) note(context, "these instances need nothing of the host.");
}
