import type { LaunchTemplate, LaunchTemplateVersion } from "../../../model/launch-template.ts";
import { invalidParameterCombination, missingParameter } from "../../errors.ts";
import { type FilterTable, matcher } from "../../filters.ts";
import type { DescribeLaunchTemplateVersionsRequest } from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { page } from "../../pagination.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { dataOf } from "./launches/launch-template-data.ts";
import { describeVersion } from "./launches/launch-template-description.ts";
import { parseVersionNumber, templateOf, versionOf } from "./launches/launch-template-lookup.ts";

/** Versions of one template, newest first; or the latest or default ones of all templates (control-apis.md §2.10). */
export const DescribeLaunchTemplateVersions: Ec2Operation<"DescribeLaunchTemplateVersions"> = {
	run(input, call) {
		const { Filters, MaxResults, NextToken } = input;
		const versions = asked(input, call)
			.filter(matcher(Filters, FILTERS, () => undefined))
			.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
		const { items, nextToken } = page(versions, { MaxResults, NextToken }, orderOf, { min: 1, max: 200 });
		return { LaunchTemplateVersions: items.map(({ template, version }) => describeVersion(template, version)), NextToken: nextToken };
	},
};

interface VersionOfTemplate {
	readonly template: LaunchTemplate;
	readonly version: LaunchTemplateVersion;
}

const FILTERS: FilterTable<VersionOfTemplate> = {
	"create-time": ({ version }) => version.createTime,
	"ebs-optimized": ({ version }) => dataOf(version).EbsOptimized,
	"host-resource-group-arn": ({ version }) => dataOf(version).Placement?.HostResourceGroupArn,
	"http-endpoint": ({ version }) => dataOf(version).MetadataOptions?.HttpEndpoint,
	// AWS: there is no such option; it follows the endpoint's (control-apis.md §1.1).
	"http-protocol-ipv4": ({ version }) => dataOf(version).MetadataOptions?.HttpEndpoint,
	"http-tokens": ({ version }) => dataOf(version).MetadataOptions?.HttpTokens,
	"iam-instance-profile": ({ version }) => {
		const { Arn, Name } = dataOf(version).IamInstanceProfile ?? {};
		return [Arn, Name];
	},
	"image-id": ({ version }) => dataOf(version).ImageId,
	"instance-type": ({ version }) => dataOf(version).InstanceType,
	"is-default-version": ({ template, version }) => version.versionNumber === template.defaultVersionNumber,
	"kernel-id": ({ version }) => dataOf(version).KernelId,
	"license-configuration-arn": ({ version }) => dataOf(version).LicenseSpecifications?.map((one) => one.LicenseConfigurationArn),
	"network-card-index": ({ version }) => dataOf(version).NetworkInterfaces?.map((one) => String(one.NetworkCardIndex ?? 0)),
	"ram-disk-id": ({ version }) => dataOf(version).RamDiskId,
};

function asked(input: DescribeLaunchTemplateVersionsRequest, call: Call): readonly VersionOfTemplate[] {
	const { LaunchTemplateId, LaunchTemplateName, Versions, MinVersion, MaxVersion } = input;
	const isRange = MinVersion !== undefined || MaxVersion !== undefined;
	if (Versions !== undefined && isRange) {
		throw invalidParameterCombination("Specify either versions, or a range by MinVersion and MaxVersion, but not both.");
	}
	if (LaunchTemplateId === undefined && LaunchTemplateName === undefined) {
		// AWS: without a template, only these two stand for something in each.
		if (Versions === undefined) throw missingParameter("LaunchTemplateId");
		if (!Versions.every((version) => version === "$Latest" || version === "$Default")) {
			throw invalidParameterCombination("Only the versions '$Latest' and '$Default' can be described without a launch template.");
		}
		return [...call.records["launch-template"].values()].flatMap((template) => versionsOf(template, Versions));
	}
	const template = templateOf(input, call);
	if (Versions !== undefined) return versionsOf(template, Versions);
	const min = MinVersion === undefined ? 0 : parseVersionNumber(MinVersion);
	const max = MaxVersion === undefined ? Infinity : parseVersionNumber(MaxVersion);
	return template.versions
		.filter(({ versionNumber }) => min <= versionNumber && versionNumber <= max)
		.map((version) => ({ template, version }));
}

/** Each once, whatever it is called by. */
function versionsOf(template: LaunchTemplate, versions: readonly string[]): readonly VersionOfTemplate[] {
	return [...new Set(versions.map((version) => versionOf(template, version)))].map((version) => ({ template, version }));
}

const VERSION_NUMBER_MAX = 9_999_999_999;

/** Texts in the order of templates, and within one from the newest version down. */
function orderOf({ template, version }: VersionOfTemplate): string {
	return `${template.launchTemplateId} ${String(VERSION_NUMBER_MAX - version.versionNumber).padStart(10, "0")}`;
}
