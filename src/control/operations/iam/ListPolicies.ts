import { allPolicies } from "../../access/policy-lookup.ts";
import { listedPolicy } from "./entities/descriptions.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPathPrefix } from "./entities/names.ts";
import { markedPage } from "./entities/pages.ts";

/** AWS: needs the right to everything that begins with "policy path", which only `*` is (seen in refusals). */
export const ListPolicies: IamOperation<"ListPolicies"> = {
	access: ({ PathPrefix = "/" }) => [{ resource: `policy path ${PathPrefix}` }],
	run(input, { records, account }) {
		const { Scope = "All", OnlyAttached = false, PolicyUsageFilter } = input;
		const pathPrefix = checkedPathPrefix(input.PathPrefix);
		const found = allPolicies(records, account)
			.filter(({ keeper, policy }) => (Scope === "All" || (Scope === "AWS") === (keeper === "aws")) && policy.path.startsWith(pathPrefix))
			.map((each) => ({ arn: each.arn, listed: listedPolicy(each, records) }))
			.filter(({ listed: { AttachmentCount = 0, PermissionsBoundaryUsageCount = 0 } }) => {
				if (PolicyUsageFilter === "PermissionsPolicy") return AttachmentCount > 0;
				if (PolicyUsageFilter === "PermissionsBoundary") return PermissionsBoundaryUsageCount > 0;
				return !OnlyAttached || AttachmentCount > 0;
			});
		const { items, ...page } = markedPage(found, input, ({ arn, listed }) => `${listed.PolicyName} ${arn}`);
		return { Policies: items.map(({ listed }) => listed), ...page };
	},
};
