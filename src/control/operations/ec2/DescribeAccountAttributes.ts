import type { Ec2Operation } from "./ec2-operation.ts";
import { defaultVpcId } from "../../../model/default-network.ts";

/** The attributes of the account; clients ask for them to see whether the Region has a default VPC. */
export const DescribeAccountAttributes: Ec2Operation<"DescribeAccountAttributes"> = {
	run({ AttributeNames }, call) {
		const vpcId = defaultVpcId(call.account);
		// AWS: the limits of a new account, which nothing here enforces.
		const attributes = {
			"supported-platforms": "VPC",
			"default-vpc": call.records.vpc.has(vpcId) ? vpcId : "none",
			"max-instances": "20",
			"vpc-max-security-groups-per-interface": "5",
			"max-elastic-ips": "5",
			"vpc-max-elastic-ips": "5",
		};
		const wanted = new Set<string>(AttributeNames ?? Object.keys(attributes));
		return {
			AccountAttributes: Object.entries(attributes)
				.filter(([name]) => wanted.has(name))
				.map(([AttributeName, AttributeValue]) => ({ AttributeName, AttributeValues: [{ AttributeValue }] })),
		};
	},
};
