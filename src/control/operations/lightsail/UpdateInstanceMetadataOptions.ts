import { HOP_LIMIT_MAX, HOP_LIMIT_MIN, type MetadataOptions } from "../../../model/metadata-options.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import { withOptions } from "../../instance-changes.ts";
import { invalidInput } from "../../lightsail-errors.ts";
import { changeInstance } from "./instance-changes.ts";
import { instanceNamed, instanceNeeds } from "./instance-lookup.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";

/**
 * Changes the options that a request names, and keeps the others (control-apis.md §2.11).
 *
 * AWS: of httpTokens alone the reference says that the default is optional where it is left out, of the others that their state is
 * maintained. Here that goes for all: an update of the hop limit should not bring IMDSv1 back.
 */
export const UpdateInstanceMetadataOptions: LightsailApiOperation<"UpdateInstanceMetadataOptions"> = {
	access: instanceNeeds,
	async run({ instanceName, httpTokens, httpEndpoint, httpPutResponseHopLimit, httpProtocolIpv6 }, call) {
		instanceNamed(instanceName, call);
		const asked = withoutUndefined<Partial<MetadataOptions>>({ httpTokens, httpEndpoint, httpPutResponseHopLimit, httpProtocolIpv6 });
		checkHopLimit(httpPutResponseHopLimit);
		if (Object.keys(asked).length === 0) {
			throw invalidInput("No options specified. Name one of httpTokens, httpEndpoint, httpPutResponseHopLimit, httpProtocolIpv6.");
		}
		const operation = await changeInstance(instanceName, "UpdateInstanceMetadataOptions", call, (before) =>
			withOptions(before, asked, call.nowMs),
		);
		return { operation };
	},
};

function checkHopLimit(hops: number | undefined): void {
	if (hops === undefined || (hops >= HOP_LIMIT_MIN && hops <= HOP_LIMIT_MAX)) return;
	throw invalidInput(
		`A value of '${hops}' is not valid for httpPutResponseHopLimit. Specify a value between ${HOP_LIMIT_MIN} and ${HOP_LIMIT_MAX} and try again.`,
	);
}
