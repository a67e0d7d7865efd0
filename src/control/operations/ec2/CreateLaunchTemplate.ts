import type { LaunchTemplate } from "../../../model/launch-template.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { idempotently } from "../../client-token.ts";
import { launchTemplateNameInUse, malformedLaunchTemplateName } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import { creationNeeds } from "./images/creation-access.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { checkTemplateData, checkTemplateSize, storedData } from "./launches/launch-template-data.ts";
import { describeTemplate } from "./launches/launch-template-description.ts";
import { templateOf } from "./launches/launch-template-lookup.ts";
import { specifiedTags, tagsOfSpecification } from "./tags/tag-checks.ts";

const NAME_PATTERN = /^[a-zA-Z0-9().\-/_]{3,128}$/;

/** A template with its first version, which is the default one (control-apis.md §2.10). */
export const CreateLaunchTemplate: Ec2Operation<"CreateLaunchTemplate"> = {
	access: ({ TagSpecifications }, call) =>
		creationNeeds(call, {
			operation: "CreateLaunchTemplate",
			type: "launch-template",
			tags: specifiedTags(TagSpecifications, "launch-template"),
		}),
	async run(input, call) {
		const { LaunchTemplateName, LaunchTemplateData, VersionDescription, TagSpecifications, ClientToken } = input;
		if (!NAME_PATTERN.test(LaunchTemplateName)) throw malformedLaunchTemplateName(LaunchTemplateName);
		checkTemplateData(LaunchTemplateData, call);
		const tags = tagsOfSpecification(TagSpecifications, "launch-template", ["launch-template"]);
		const createTime = timestamp(call.nowMs);
		const createdBy = call.principal.arn;
		const template: LaunchTemplate = {
			launchTemplateId: newId("lt"),
			launchTemplateName: LaunchTemplateName,
			createTime,
			createdBy,
			defaultVersionNumber: 1,
			latestVersionNumber: 1,
			versions: [
				{
					versionNumber: 1,
					...(VersionDescription !== undefined && { versionDescription: VersionDescription }),
					createTime,
					createdBy,
					data: storedData(LaunchTemplateData),
				},
			],
			tags,
		};
		checkTemplateSize(template);
		const request = { operation: "CreateLaunchTemplate", token: ClientToken, parameters: input };
		const [LaunchTemplateId] = await idempotently(call, request, async () => {
			const templates = (await call.inventory.records())["launch-template"];
			const inUse = [...templates.values()].some(({ launchTemplateName }) => launchTemplateName === LaunchTemplateName);
			if (inUse) throw launchTemplateNameInUse();
			await call.inventory.create("launch-template", template);
			return [template.launchTemplateId];
		});
		return { LaunchTemplate: describeTemplate(templateOf({ LaunchTemplateId }, { records: await call.inventory.records() })) };
	},
};
