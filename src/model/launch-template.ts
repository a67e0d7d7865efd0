import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** What a launch may take its parameters from; a version never changes. */
export interface LaunchTemplate {
	readonly launchTemplateId: string;
	readonly launchTemplateName: string;
	readonly createTime: Timestamp;
	/** The ARN of who made it. */
	readonly createdBy: string;
	readonly defaultVersionNumber: number;
	/** No number is given twice, so this may be that of a version that is gone. */
	readonly latestVersionNumber: number;
	/** By number. */
	readonly versions: readonly LaunchTemplateVersion[];
	readonly tags?: readonly Tag[];
}

export interface LaunchTemplateVersion {
	readonly versionNumber: number;
	readonly versionDescription?: string;
	readonly createTime: Timestamp;
	readonly createdBy: string;
	/** Exactly what was given, in the words of RequestLaunchTemplateData: what was left out is for the launch to decide. */
	readonly data: Readonly<Record<string, unknown>>;
}
