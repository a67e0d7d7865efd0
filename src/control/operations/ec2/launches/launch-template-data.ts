// The parameters of launches that a template carries (control-apis.md §2.10): as they are given, kept, and read again.

import { USER_DATA_MAX_BYTES } from "../../../../model/launch.ts";
import type { LaunchTemplate, LaunchTemplateVersion } from "../../../../model/launch-template.ts";
import { VALUE_MAX_BYTES } from "../../../../store/port.ts";
import { invalidParameterValue, launchTemplateVersionLimitExceeded } from "../../../errors.ts";
import type { LaunchTemplateSpecification, RequestLaunchTemplateData } from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { checkTags } from "../../../tag-limits.ts";
import { checkRequestedOptions, requestedOptions } from "../instances/instance-metadata-options.ts";
import { templateOf, versionOf } from "./launch-template-lookup.ts";
import { requestedTags } from "../tags/tag-checks.ts";

/** What a launch takes from a template. */
export interface TemplateData {
	readonly data: RequestLaunchTemplateData;
	readonly template: LaunchTemplate;
	readonly version: LaunchTemplateVersion;
}

/** Room in a template's record for what is not its versions. */
const RECORD_REST_BYTES = 65_536;

/**
 * What the template that a launch names has to say; nothing where it names none.
 *
 * @throws {ApiError} where there is no such template, or no such version of it.
 */
export function templateDataOf(
	call: Pick<Call, "records">,
	specification: LaunchTemplateSpecification | undefined,
): TemplateData | undefined {
	if (specification === undefined) return undefined;
	const template = templateOf(specification, call);
	const version = versionOf(template, specification.Version);
	return { data: dataOf(version), template, version };
}

/** The parameters of a version. */
export function dataOf({ data }: LaunchTemplateVersion): RequestLaunchTemplateData {
	const parameters = data as RequestLaunchTemplateData;
	const spot = parameters.InstanceMarketOptions?.SpotOptions;
	if (spot?.ValidUntil === undefined) return parameters;
	// The only time in there; as a record it is a text.
	const SpotOptions = { ...spot, ValidUntil: new Date(spot.ValidUntil) };
	return { ...parameters, InstanceMarketOptions: { ...parameters.InstanceMarketOptions, SpotOptions } };
}

/** The parameters as a record has them: exactly what was given, in JSON. */
export function storedData(data: RequestLaunchTemplateData): LaunchTemplateVersion["data"] {
	return JSON.parse(JSON.stringify(data)) as LaunchTemplateVersion["data"];
}

/**
 * What is refused when a version is made and not only when it is used.
 *
 * Gap: AWS warns of combinations that no launch will take; here the launch tells.
 */
export function checkTemplateData(data: RequestLaunchTemplateData, { strict }: Pick<Call, "strict">): void {
	checkRequestedOptions(requestedOptions(data.MetadataOptions ?? {}), strict, data.InstanceType);
	if (Buffer.byteLength(data.UserData ?? "", "base64") > USER_DATA_MAX_BYTES) {
		throw invalidParameterValue(`User data is limited to ${USER_DATA_MAX_BYTES} bytes`);
	}
	for (const { Tags } of data.TagSpecifications ?? []) checkTags(requestedTags(Tags));
}

/** Gap: AWS counts versions, 10,000 at most; here their size counts, since they share a record of the store. */
export function checkTemplateSize({ launchTemplateId, versions }: LaunchTemplate): void {
	const sizeBytes = Buffer.byteLength(JSON.stringify(versions));
	if (sizeBytes > VALUE_MAX_BYTES - RECORD_REST_BYTES) throw launchTemplateVersionLimitExceeded(launchTemplateId);
}
