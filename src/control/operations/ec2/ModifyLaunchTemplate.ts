import { idempotently } from "../../client-token.ts";
import { missingParameter, noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { describeTemplate } from "./launches/launch-template-description.ts";
import { templateNeed, templateOf, versionOf } from "./launches/launch-template-lookup.ts";

/** Makes another version the default one (control-apis.md §2.10). */
export const ModifyLaunchTemplate: Ec2Operation<"ModifyLaunchTemplate"> = {
	access: (input, call) => [templateNeed(input, call)],
	async run(input, call) {
		const { DefaultVersion, ClientToken } = input;
		const { launchTemplateId } = templateOf(input, call);
		if (DefaultVersion === undefined) throw missingParameter("SetDefaultVersion");
		const request = { operation: "ModifyLaunchTemplate", token: ClientToken, parameters: input };
		await idempotently(call, request, async () => {
			const after = await call.inventory.update("launch-template", launchTemplateId, (before) => {
				const { versionNumber } = versionOf(before, DefaultVersion);
				return versionNumber === before.defaultVersionNumber ? before : { ...before, defaultVersionNumber: versionNumber };
			});
			if (after === undefined) throw noSuchResource("launch-template", [launchTemplateId]); // Deleted meanwhile.
			return [launchTemplateId];
		});
		const records = await call.inventory.records();
		return { LaunchTemplate: describeTemplate(templateOf({ LaunchTemplateId: launchTemplateId }, { records })) };
	},
};
