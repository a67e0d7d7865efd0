import { invalidParameterValue, launchTemplateVersionNotFound, noSuchResource } from "../../errors.ts";
import type { DeleteLaunchTemplateVersionsResponseErrorItem } from "../../models/ec2.ts";
import type { LaunchTemplate } from "../../../model/launch-template.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { parseVersionNumber, templateNeed, templateOf } from "./launches/launch-template-lookup.ts";

/** AWS: so many versions a request. */
const VERSIONS_MAX = 200;

/** Versions of a template, but never the default one: those that can be deleted are, the others are answered (control-apis.md §2.10). */
export const DeleteLaunchTemplateVersions: Ec2Operation<"DeleteLaunchTemplateVersions"> = {
	access: (input, call) => [templateNeed(input, call)],
	async run(input, call) {
		const { launchTemplateId, launchTemplateName } = templateOf(input, call);
		if (input.Versions.length > VERSIONS_MAX) {
			throw invalidParameterValue(`A maximum of ${VERSIONS_MAX} launch template versions can be deleted in a single request.`);
		}
		const numbers = [...new Set(input.Versions.map(parseVersionNumber))];
		let refusals = new Map<number, DeleteLaunchTemplateVersionsResponseErrorItem["ResponseError"]>();
		const after = await call.inventory.update("launch-template", launchTemplateId, (before) => {
			refusals = new Map(
				numbers.flatMap((number) => {
					const refusal = refusalOf(before, number);
					return refusal === undefined ? [] : [[number, refusal] as const];
				}),
			);
			if (refusals.size === numbers.length) return before;
			const deleted = new Set(numbers.filter((number) => !refusals.has(number)));
			return { ...before, versions: before.versions.filter(({ versionNumber }) => !deleted.has(versionNumber)) };
		});
		if (after === undefined) throw noSuchResource("launch-template", [launchTemplateId]); // Deleted meanwhile.
		const described = (VersionNumber: number) => ({
			LaunchTemplateId: launchTemplateId,
			LaunchTemplateName: launchTemplateName,
			VersionNumber,
		});
		return {
			SuccessfullyDeletedLaunchTemplateVersions: numbers.filter((number) => !refusals.has(number)).map(described),
			UnsuccessfullyDeletedLaunchTemplateVersions: [...refusals].map(([number, ResponseError]) => ({
				...described(number),
				ResponseError,
			})),
		};
	},
};

function refusalOf(
	{ launchTemplateId, defaultVersionNumber, versions }: LaunchTemplate,
	number: number,
): DeleteLaunchTemplateVersionsResponseErrorItem["ResponseError"] {
	if (!versions.some(({ versionNumber }) => versionNumber === number)) {
		const { message } = launchTemplateVersionNotFound(launchTemplateId, String(number));
		return { Code: "launchTemplateVersionDoesNotExist", Message: message };
	}
	if (number !== defaultVersionNumber) return undefined;
	return { Code: "unexpectedError", Message: `The default version ${number} can't be deleted. Make another one the default first.` };
}
