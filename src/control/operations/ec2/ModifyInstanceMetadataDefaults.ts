import type { InstanceMetadataDefaults } from "../../../model/metadata-options.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import { managedByDeclarativePolicy, missingParameter } from "../../errors.ts";
import type { ModifyInstanceMetadataDefaultsRequest } from "../../models/ec2.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { attributeContext } from "./instances/instance-access.ts";
import { checkHopLimit } from "./instances/instance-metadata-options.ts";

/** AWS: clears the account's hop limit (control-apis.md §1.4). */
const NO_HOP_LIMIT = -1;

/** Changes the account's defaults of later launches; what a request leaves out stays (control-apis.md §1.4, §2.6). */
export const ModifyInstanceMetadataDefaults: Ec2Operation<"ModifyInstanceMetadataDefaults"> = {
	access({ HttpTokens, HttpPutResponseHopLimit, HttpEndpoint, InstanceMetadataTags, HttpTokensEnforced }) {
		const asked = { HttpTokens, HttpPutResponseHopLimit, HttpEndpoint, InstanceMetadataTags, HttpTokensEnforced };
		return [{ resource: "*", context: attributeContext(asked) }];
	},
	async run(input, call) {
		const policy = call.account.organization?.declarativePolicy;
		if (policy !== undefined) throw managedByDeclarativePolicy(policy.exceptionMessage);
		const { DryRun: _, ...asked } = input;
		if (Object.values(asked).every((value) => value === undefined)) throw missingParameter("HttpTokens");
		const { HttpPutResponseHopLimit: hops } = asked;
		if (hops !== undefined && hops !== NO_HOP_LIMIT) checkHopLimit(hops);
		await call.inventory.update("account", "default", (before) => ({
			...before,
			instanceMetadataDefaults: changed(before.instanceMetadataDefaults, asked),
		}));
		return { Return: true };
	},
};

function changed(before: InstanceMetadataDefaults, asked: ModifyInstanceMetadataDefaultsRequest): InstanceMetadataDefaults {
	const { HttpTokens, HttpPutResponseHopLimit: hops, HttpEndpoint, InstanceMetadataTags, HttpTokensEnforced } = asked;
	return withoutUndefined<InstanceMetadataDefaults>({
		httpTokens: preference(HttpTokens, before.httpTokens),
		httpPutResponseHopLimit: hops === NO_HOP_LIMIT ? undefined : (hops ?? before.httpPutResponseHopLimit),
		httpEndpoint: preference(HttpEndpoint, before.httpEndpoint),
		instanceMetadataTags: preference(InstanceMetadataTags, before.instanceMetadataTags),
		httpTokensEnforced: preference(HttpTokensEnforced, before.httpTokensEnforced),
	});
}

function preference<T extends string>(asked: T | "no-preference" | undefined, before: T | undefined): T | undefined {
	if (asked === "no-preference") return undefined;
	return asked ?? before;
}
