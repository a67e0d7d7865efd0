// What every operation that sets an instance's metadata options has in common (control-apis.md §1.6, §1.7).

import { metadataOptionsState, type Instance } from "../../../../model/instance.ts";
import { HOP_LIMIT_MAX, HOP_LIMIT_MIN, type MetadataOptions } from "../../../../model/metadata-options.ts";
import { fitsMetadata, type Tag, unfitTagKey } from "../../../../model/tag.ts";
import { invalidParameterCombination, invalidParameterValue, unsupportedOperation } from "../../../errors.ts";
import { isNitro } from "./instance-types.ts";
import type { InstanceMetadataOptionsRequest, InstanceMetadataOptionsResponse } from "../../../models/ec2.ts";

/** The options of a request, as they are kept; what it leaves out is left out. */
export function requestedOptions(request: InstanceMetadataOptionsRequest): Partial<MetadataOptions> {
	const { HttpEndpoint, HttpTokens, HttpPutResponseHopLimit, HttpProtocolIpv6, InstanceMetadataTags } = request;
	return {
		...(HttpEndpoint && { httpEndpoint: HttpEndpoint }),
		...(HttpTokens && { httpTokens: HttpTokens }),
		...(HttpPutResponseHopLimit !== undefined && { httpPutResponseHopLimit: HttpPutResponseHopLimit }),
		...(HttpProtocolIpv6 && { httpProtocolIpv6: HttpProtocolIpv6 }),
		...(InstanceMetadataTags && { instanceMetadataTags: InstanceMetadataTags }),
	};
}

/**
 * What AWS's model has only in prose, so that no client checks it.
 *
 * @param strict refuse what may be taken: other options beside a disabled endpoint, an IPv6 endpoint on a type that is not Nitro.
 * @param instanceType of the instance, as far as known.
 */
export function checkRequestedOptions(options: Partial<MetadataOptions>, strict: boolean, instanceType: string | undefined): void {
	const { httpPutResponseHopLimit: hops, httpEndpoint, ...others } = options;
	if (hops !== undefined) checkHopLimit(hops);
	if (strict && options.httpProtocolIpv6 === "enabled" && instanceType !== undefined && isNitro(instanceType) === false) {
		throw unsupportedOperation(`The instance type ${instanceType} does not support the IPv6 endpoint of the instance metadata service.`);
	}
	if (strict && httpEndpoint === "disabled" && (hops !== undefined || Object.keys(others).length > 0)) {
		throw invalidParameterCombination("These parameters are not allowed unless HttpEndpoint is enabled.");
	}
}

/** @throws {ApiError} for hop limits that no instance may have. */
export function checkHopLimit(hops: number): void {
	if (hops < HOP_LIMIT_MIN || hops > HOP_LIMIT_MAX) {
		throw invalidParameterValue(
			`A value of '${hops}' is not valid for HttpPutResponseHopLimit. Specify a value between ${HOP_LIMIT_MIN} and ${HOP_LIMIT_MAX} and try again.`,
		);
	}
}

/** @throws {ApiError} for the first tag that could not stand in an instance's metadata. */
export function checkMetadataTags(tags: readonly Tag[]): void {
	const unfit = tags.find(({ key }) => !fitsMetadata(key));
	if (unfit !== undefined) throw invalidParameterValue(unfitTagKey(unfit.key));
}

/** The options as the APIs show them: what was asked for, and whether it has reached the instance. All six, always. */
export function describedOptions(instance: Instance): InstanceMetadataOptionsResponse {
	const { httpTokens, httpPutResponseHopLimit, httpEndpoint, httpProtocolIpv6, instanceMetadataTags } = instance.metadataOptions;
	return {
		State: metadataOptionsState(instance),
		HttpTokens: httpTokens,
		HttpPutResponseHopLimit: httpPutResponseHopLimit,
		HttpEndpoint: httpEndpoint,
		HttpProtocolIpv6: httpProtocolIpv6,
		InstanceMetadataTags: instanceMetadataTags,
	};
}
