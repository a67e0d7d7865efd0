// Launch templates as the APIs show them.

import type { LaunchTemplate, LaunchTemplateVersion } from "../../../../model/launch-template.ts";
import { epochMs } from "../../../../model/timestamp.ts";
import type * as ec2 from "../../../models/ec2.ts";
import { describedTagSet } from "../tags/described-tags.ts";
import { dataOf } from "./launch-template-data.ts";

export function describeTemplate(template: LaunchTemplate): ec2.LaunchTemplate {
	return {
		LaunchTemplateId: template.launchTemplateId,
		LaunchTemplateName: template.launchTemplateName,
		CreateTime: new Date(epochMs(template.createTime)),
		CreatedBy: template.createdBy,
		DefaultVersionNumber: template.defaultVersionNumber,
		LatestVersionNumber: template.latestVersionNumber,
		Tags: describedTagSet(template.tags),
	};
}

export function describeVersion(template: LaunchTemplate, version: LaunchTemplateVersion): ec2.LaunchTemplateVersion {
	const { launchTemplateId, launchTemplateName, defaultVersionNumber } = template;
	return {
		LaunchTemplateId: launchTemplateId,
		LaunchTemplateName: launchTemplateName,
		VersionNumber: version.versionNumber,
		VersionDescription: version.versionDescription,
		CreateTime: new Date(epochMs(version.createTime)),
		CreatedBy: version.createdBy,
		DefaultVersion: version.versionNumber === defaultVersionNumber,
		LaunchTemplateData: dataOf(version),
	};
}
