import type { Instance } from "../../../model/instance.ts";
import { matcher } from "../../filters.ts";
import { page } from "../../pagination.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { allInstances } from "./instances/instance-lookup.ts";
import { associatedInstance, associationIdOf, describedAssociation } from "./instances/profile-associations.ts";

/** The associations there are (control-apis.md §2.9). Gap: one that is being made or ended is not told from others. */
export const DescribeIamInstanceProfileAssociations: Ec2Operation<"DescribeIamInstanceProfileAssociations"> = {
	run({ AssociationIds, Filters, MaxResults, NextToken }, call) {
		const instances = AssociationIds?.map((id) => associatedInstance(id, call)) ?? allInstances(call);
		const matches = matcher<Instance>(Filters, { "instance-id": ({ instanceId }) => instanceId, state: () => "associated" });
		const found = instances.filter(
			(instance) => instance.iamInstanceProfile !== undefined && instance.state !== "terminated" && matches(instance),
		);
		const orderOf = (instance: Instance) => associationIdOf(instance) ?? "";
		const { items, nextToken } = page(found, { MaxResults, NextToken }, orderOf);
		return {
			IamInstanceProfileAssociations: items.map((instance) => describedAssociation(instance, "associated", call)),
			NextToken: nextToken,
		};
	},
};
