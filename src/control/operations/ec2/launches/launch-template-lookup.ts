// Which launch template, and which of its versions, a request speaks of (control-apis.md §2.10).

import type { LaunchTemplate, LaunchTemplateVersion } from "../../../../model/launch-template.ts";
import {
	invalidParameterCombination,
	invalidParameterValue,
	launchTemplateNameNotFound,
	launchTemplateVersionNotFound,
	missingParameter,
	noSuchResource,
} from "../../../errors.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn, tagContext } from "../arns.ts";

/** A launch template by one of its names. */
export interface LaunchTemplateReference {
	readonly LaunchTemplateId?: string | undefined;
	readonly LaunchTemplateName?: string | undefined;
}

type World = Pick<Call, "records">;

/**
 * The template that a request names, by exactly one of its names.
 *
 * @throws {ApiError} where it names none or twice, or there is no such template.
 */
export function templateOf(reference: LaunchTemplateReference, world: World): LaunchTemplate {
	const { LaunchTemplateId, LaunchTemplateName } = reference;
	if (LaunchTemplateId !== undefined && LaunchTemplateName !== undefined) {
		throw invalidParameterCombination("Specify either LaunchTemplateId or LaunchTemplateName, but not both.");
	}
	if (LaunchTemplateId === undefined && LaunchTemplateName === undefined) throw missingParameter("LaunchTemplateId");
	const template = findTemplate(reference, world);
	if (template !== undefined) return template;
	throw LaunchTemplateName === undefined
		? noSuchResource("launch-template", [LaunchTemplateId ?? ""])
		: launchTemplateNameNotFound(LaunchTemplateName);
}

/**
 * A version of a template.
 *
 * @param version a number, `$Latest` or `$Default`; missing or empty: the default one.
 * @throws {ApiError} where there is no such version.
 */
export function versionOf(template: LaunchTemplate, version: string | undefined): LaunchTemplateVersion {
	const number = versionNumber(template, version);
	const found = template.versions.find(({ versionNumber }) => versionNumber === number);
	if (found === undefined) throw launchTemplateVersionNotFound(template.launchTemplateId, version ?? "$Default");
	return found;
}

/** @throws {ApiError} for what is no number. */
export function parseVersionNumber(version: string): number {
	if (/^\d{1,10}$/.test(version)) return Number(version);
	throw invalidParameterValue(
		`Invalid launch template version '${version}': either '$Default', '$Latest', or a numeric version are allowed.`,
	);
}

/** The need to do something with a template, with what is known of it. */
export function templateNeed(reference: LaunchTemplateReference, call: Call): AccessNeed {
	const template = findTemplate(reference, call);
	return {
		resource: ec2Arn(call, "launch-template", template?.launchTemplateId ?? reference.LaunchTemplateId ?? "*"),
		context: tagContext(template?.tags),
	};
}

/** The template that a request names, if it is there. */
function findTemplate({ LaunchTemplateId, LaunchTemplateName }: LaunchTemplateReference, { records }: World): LaunchTemplate | undefined {
	const templates = records["launch-template"];
	if (LaunchTemplateId !== undefined) return templates.get(LaunchTemplateId);
	return [...templates.values()].find(({ launchTemplateName }) => launchTemplateName === LaunchTemplateName);
}

function versionNumber({ defaultVersionNumber, versions }: LaunchTemplate, version: string | undefined): number | undefined {
	if (version === undefined || version === "" || version === "$Default") return defaultVersionNumber;
	// Of those that are left: the latest that ever was may be gone.
	if (version === "$Latest") return versions.at(-1)?.versionNumber;
	return parseVersionNumber(version);
}
