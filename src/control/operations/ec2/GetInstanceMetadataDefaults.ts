import { effectiveDefaults } from "../../../model/account.ts";
import type { Ec2Operation } from "./ec2-operation.ts";

/** The account's defaults, and who decides them (control-apis.md §1.4, §2.6). What has no preference is absent. */
export const GetInstanceMetadataDefaults: Ec2Operation<"GetInstanceMetadataDefaults"> = {
	run(_, { account }) {
		const policy = account.organization?.declarativePolicy;
		const { httpTokens, httpPutResponseHopLimit, httpEndpoint, instanceMetadataTags, httpTokensEnforced } = effectiveDefaults(account);
		return {
			AccountLevel: {
				HttpTokens: httpTokens,
				HttpPutResponseHopLimit: httpPutResponseHopLimit,
				HttpEndpoint: httpEndpoint,
				InstanceMetadataTags: instanceMetadataTags,
				// Terraform takes an empty account level for one that is gone, so this is always there.
				ManagedBy: policy === undefined ? "account" : "declarative-policy",
				ManagedExceptionMessage: policy?.exceptionMessage,
				HttpTokensEnforced: httpTokensEnforced,
			},
		};
	},
};
