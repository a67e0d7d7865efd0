import type { SecurityGroup } from "../../../model/network.ts";
import { securityGroupNameNotFound } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { ec2Arn } from "./arns.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import { defaultVpcId } from "../../../model/default-network.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { recordsOf } from "./record-lookup.ts";

/** Gap: none that look into rules. */
const FILTERS: FilterTable<ec2.SecurityGroup> = {
	description: ({ Description }) => Description,
	"group-id": ({ GroupId }) => GroupId,
	"group-name": ({ GroupName }) => GroupName,
	"owner-id": ({ OwnerId }) => OwnerId,
	"vpc-id": ({ VpcId }) => VpcId,
};

/** Security groups by id, by name in the default VPC, by filter, or all; in pages. */
export const DescribeSecurityGroups: Ec2Operation<"DescribeSecurityGroups"> = {
	run({ GroupIds, GroupNames, ...request }, call) {
		const byId = GroupIds === undefined && GroupNames !== undefined ? [] : recordsOf("security-group", GroupIds, call);
		const groups = new Set([...byId, ...groupsNamed(GroupNames ?? [], call)]);
		const described = [...groups].map((group) => describeGroup(group, call));
		const { items, nextToken } = filteredPage(described, request, FILTERS, ({ GroupId }) => GroupId);
		return { SecurityGroups: items, NextToken: nextToken };
	},
};

function groupsNamed(names: readonly string[], call: Call): readonly SecurityGroup[] {
	const vpcId = defaultVpcId(call.account);
	const groups = [...call.records["security-group"].values()].filter((group) => group.vpcId === vpcId);
	return names.map((name) => {
		const group = groups.find(({ groupName }) => groupName === name);
		if (group === undefined) throw securityGroupNameNotFound(name, vpcId);
		return group;
	});
}

/**
 * Gap: groups have no rules here, since nothing is filtered by them. They are shown as EC2 makes them: all may go out, and into a VPC's
 * default group may come what is in it.
 */
function describeGroup({ groupId, groupName, vpcId, description, tags }: SecurityGroup, call: Call): ec2.SecurityGroup {
	const isDefault = groupName === "default";
	return {
		GroupId: groupId,
		SecurityGroupArn: ec2Arn(call, "security-group", groupId),
		GroupName: groupName,
		Description: description ?? (isDefault ? "default VPC security group" : groupName),
		VpcId: vpcId,
		OwnerId: call.account.accountId,
		IpPermissions: isDefault ? [everything({ UserIdGroupPairs: [{ GroupId: groupId, UserId: call.account.accountId }] })] : [],
		IpPermissionsEgress: [everything({ IpRanges: [{ CidrIp: "0.0.0.0/0" }] })],
		Tags: describedTagSet(tags),
	};
}

function everything(whom: ec2.IpPermission): ec2.IpPermission {
	return { IpProtocol: "-1", IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [], ...whom };
}
