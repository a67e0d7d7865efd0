// What a launch is asked for: the request's own parameters, and behind them those of the launch template that it names (control-apis.md §1.3, §2.10).

import type { LaunchTemplate, LaunchTemplateVersion } from "../../../../model/launch-template.ts";
import { effectiveDefaults } from "../../../../model/account.ts";
import { type MetadataOptions, resolveMetadataOptions } from "../../../../model/metadata-options.ts";
import type { Tag } from "../../../../model/tag.ts";
import { ApiError } from "../../../errors.ts";
import type { RequestLaunchTemplateData, RunInstancesRequest } from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { requestedOptions } from "../instances/instance-metadata-options.ts";
import { templateDataOf } from "./launch-template-data.ts";
import { specifiedTags } from "../tags/tag-checks.ts";

/** A launch's parameters, wherever they come from. */
export type LaunchParameters = Omit<RunInstancesRequest, "MinCount" | "MaxCount" | "ClientToken" | "DryRun" | "LaunchTemplate">;

/** A launch as it is meant. */
export interface AskedLaunch {
	readonly parameters: LaunchParameters;
	readonly template: { readonly template: LaunchTemplate; readonly version: LaunchTemplateVersion } | undefined;
	/** The options that somebody named. */
	readonly options: Partial<MetadataOptions>;
	/** Of the instance, and of its volumes. */
	readonly tags: { readonly instance: readonly Tag[]; readonly volume: readonly Tag[]; readonly "network-interface": readonly Tag[] };
}

/** AWS: a template's options are taken one by one, where the request names none; everything else as a whole (§8, decision 4). */
export function askedLaunch(input: RunInstancesRequest, call: Pick<Call, "records">): AskedLaunch {
	const found = templateDataOf(call, input.LaunchTemplate);
	const { MinCount: _min, MaxCount: _max, ClientToken: _token, DryRun: _dryRun, LaunchTemplate: _template, ...request } = input;
	const given = found === undefined ? {} : templateParameters(found.data);
	const named = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as LaunchParameters;
	const parameters: LaunchParameters = {
		...given,
		...named,
		TagSpecifications: [...(given.TagSpecifications ?? []), ...(request.TagSpecifications ?? [])],
	};
	const tags = (type: string) =>
		lastOfEachKey([...specifiedTags(given.TagSpecifications, type), ...specifiedTags(request.TagSpecifications, type)]);
	return {
		parameters,
		template: found && { template: found.template, version: found.version },
		options: { ...requestedOptions(given.MetadataOptions ?? {}), ...requestedOptions(request.MetadataOptions ?? {}) },
		tags: { instance: tags("instance"), volume: tags("volume"), "network-interface": tags("network-interface") },
	};
}

/** The same, for whoever may yet have to be told that the template doesn't exist: as if none was named, then. */
export function askedLaunchIfKnown(input: RunInstancesRequest, call: Pick<Call, "records">): AskedLaunch {
	try {
		return askedLaunch(input, call);
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		const { LaunchTemplate: _, ...rest } = input;
		return askedLaunch(rest, call);
	}
}

/** The options that an instance would get: every layer of the order of precedence (§1.3). */
export function effectiveOptions(
	{ parameters, options }: AskedLaunch,
	{ records, account }: Pick<Call, "records" | "account">,
): MetadataOptions {
	const image = records.image.get(parameters.ImageId ?? "");
	return resolveMetadataOptions({ launch: options, account: effectiveDefaults(account), imdsSupport: image?.imdsSupport });
}

function templateParameters(data: RequestLaunchTemplateData): LaunchParameters {
	const { RamDiskId, ElasticGpuSpecifications, ...same } = data;
	return {
		// What else is in a template has the same name and form in a request; what a request has not (InstanceRequirements) is not looked at.
		...(same as LaunchParameters),
		...(RamDiskId !== undefined && { RamdiskId: RamDiskId }),
		...(ElasticGpuSpecifications !== undefined && { ElasticGpuSpecification: ElasticGpuSpecifications }),
	};
}

function lastOfEachKey(tags: readonly Tag[]): readonly Tag[] {
	return [...new Map(tags.map((tag) => [tag.key, tag])).values()];
}
