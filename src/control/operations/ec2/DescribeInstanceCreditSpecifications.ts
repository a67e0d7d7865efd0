import type { Instance } from "../../../model/instance.ts";
import { notBurstable } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import { visibleInstances } from "./DescribeInstances.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { instancesOf } from "./instances/instance-lookup.ts";
import { isBurstable } from "./instances/instance-types.ts";

const FILTERS: FilterTable<ec2.InstanceCreditSpecification> = { "instance-id": ({ InstanceId }) => InstanceId };

/**
 * How burstable instances pay for CPU; in pages.
 *
 * AWS: without ids, only those that are unlimited.
 */
export const DescribeInstanceCreditSpecifications: Ec2Operation<"DescribeInstanceCreditSpecifications"> = {
	run({ InstanceIds, ...request }, call) {
		const instances = InstanceIds === undefined ? visibleInstances(call) : instancesOf(InstanceIds, call);
		const burstable = instances.filter(({ instanceType }) => isBurstable(instanceType));
		const other = InstanceIds && instances.find((instance) => !burstable.includes(instance));
		if (other !== undefined) throw notBurstable(other.instanceId);
		const specifications = burstable
			.map((instance) => ({ InstanceId: instance.instanceId, CpuCredits: cpuCredits(instance) }))
			.filter(({ CpuCredits }) => InstanceIds !== undefined || CpuCredits === "unlimited");
		const { items, nextToken } = filteredPage(specifications, request, FILTERS, ({ InstanceId }) => InstanceId);
		return { InstanceCreditSpecifications: items, NextToken: nextToken };
	},
};

/** AWS: what was chosen at the launch; T2 is standard otherwise, and its successors are unlimited (ec2/CreditSpecificationRequest). */
function cpuCredits({ described, instanceType }: Instance): string {
	const chosen = described?.["CreditSpecification"] as ec2.CreditSpecificationRequest | undefined;
	return chosen?.CpuCredits ?? (instanceType.startsWith("t2.") ? "standard" : "unlimited");
}
