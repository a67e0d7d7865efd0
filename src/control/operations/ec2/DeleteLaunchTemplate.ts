import { noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { describeTemplate } from "./launches/launch-template-description.ts";
import { templateNeed, templateOf } from "./launches/launch-template-lookup.ts";

/** A template and all its versions; what was launched from it stays (control-apis.md §2.10). */
export const DeleteLaunchTemplate: Ec2Operation<"DeleteLaunchTemplate"> = {
	access: (input, call) => [templateNeed(input, call)],
	async run(input, call) {
		const template = templateOf(input, call);
		const { launchTemplateId } = template;
		const removed = await call.inventory.remove("launch-template", launchTemplateId, `The launch template ${launchTemplateId}`);
		if (!removed) throw noSuchResource("launch-template", [launchTemplateId]); // Deleted meanwhile.
		return { LaunchTemplate: describeTemplate(template) };
	},
};
