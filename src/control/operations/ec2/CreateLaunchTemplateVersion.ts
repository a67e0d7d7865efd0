import type { LaunchTemplate } from "../../../model/launch-template.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { idempotently } from "../../client-token.ts";
import { noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { checkTemplateData, checkTemplateSize, storedData } from "./launches/launch-template-data.ts";
import { describeVersion } from "./launches/launch-template-description.ts";
import { templateNeed, templateOf, versionOf } from "./launches/launch-template-lookup.ts";

/**
 * One more version of a template: what is given, and of the source version what is not (control-apis.md §2.10).
 *
 * Gap: an image that is named by a parameter of Systems Manager stays the text that it is, ResolveAlias or not.
 */
export const CreateLaunchTemplateVersion: Ec2Operation<"CreateLaunchTemplateVersion"> = {
	access: (input, call) => [templateNeed(input, call)],
	async run(input, call) {
		const { LaunchTemplateData, SourceVersion, VersionDescription, ClientToken } = input;
		const { launchTemplateId } = templateOf(input, call);
		checkTemplateData(LaunchTemplateData, call);
		const given = storedData(LaunchTemplateData);
		const withVersion = (before: LaunchTemplate): LaunchTemplate => {
			const inherited = SourceVersion === undefined ? {} : versionOf(before, SourceVersion).data;
			const latestVersionNumber = before.latestVersionNumber + 1;
			const version = {
				versionNumber: latestVersionNumber,
				...(VersionDescription !== undefined && { versionDescription: VersionDescription }),
				createTime: timestamp(call.nowMs),
				createdBy: call.principal.arn,
				data: { ...inherited, ...given },
			};
			const after = { ...before, latestVersionNumber, versions: [...before.versions, version] };
			checkTemplateSize(after);
			return after;
		};
		const request = { operation: "CreateLaunchTemplateVersion", token: ClientToken, parameters: input };
		const [, version] = await idempotently(call, request, async () => {
			const after = await call.inventory.update("launch-template", launchTemplateId, withVersion);
			if (after === undefined) throw noSuchResource("launch-template", [launchTemplateId]); // Deleted meanwhile.
			return [launchTemplateId, String(after.latestVersionNumber)];
		});
		const template = templateOf({ LaunchTemplateId: launchTemplateId }, { records: await call.inventory.records() });
		return { LaunchTemplateVersion: describeVersion(template, versionOf(template, version)) };
	},
};
