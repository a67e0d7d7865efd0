import { effectiveDefaults } from "../../../model/account.ts";
import { forbiddenByEnforcement } from "../../../model/metadata-options.ts";
import { imdsv2Enforced, incorrectInstanceState, invalidParameterCombination, noSuchResource } from "../../errors.ts";
import { withOptions } from "../../instance-changes.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { attributeContext, instanceNeeds } from "./instances/instance-access.ts";
import { instanceOf } from "./instances/instance-lookup.ts";
import { checkMetadataTags, checkRequestedOptions, describedOptions, requestedOptions } from "./instances/instance-metadata-options.ts";

/** Changes the options that a request names, and keeps the others (control-apis.md §2.5). */
export const ModifyInstanceMetadataOptions: Ec2Operation<"ModifyInstanceMetadataOptions"> = {
	access(input, call) {
		const { HttpTokens, HttpEndpoint, HttpPutResponseHopLimit, HttpProtocolIpv6, InstanceMetadataTags } = input;
		const requested = { HttpTokens, HttpEndpoint, HttpPutResponseHopLimit, HttpProtocolIpv6, InstanceMetadataTags };
		return instanceNeeds([input.InstanceId], call, attributeContext(requested));
	},
	async run(input, call) {
		const { InstanceId } = input;
		const asked = requestedOptions(input);
		const { instanceType } = instanceOf(InstanceId, call);
		checkRequestedOptions(asked, call.strict, instanceType);
		if (Object.keys(asked).length === 0) throw invalidParameterCombination("No attributes specified.");
		// AWS: what is refused is the attempt, even where the instance has optional tokens already; its other options may change (§1.3).
		if (asked.httpTokens === "optional") {
			const defaults = effectiveDefaults(call.account);
			if (forbiddenByEnforcement({ httpTokens: asked.httpTokens }, defaults)) throw imdsv2Enforced();
		}
		const after = await call.inventory.update("instance", InstanceId, (before) => {
			if (before.state === "terminated" || before.state === "shutting-down") {
				throw incorrectInstanceState(`The instance '${InstanceId}' is not in a state from which its metadata options can be modified.`);
			}
			if (asked.instanceMetadataTags === "enabled") checkMetadataTags(before.tags);
			return withOptions(before, asked, call.nowMs);
		});
		if (after === undefined) throw noSuchResource("instance", [InstanceId]); // Purged meanwhile.
		return { InstanceId, InstanceMetadataOptions: describedOptions(after) };
	},
};
