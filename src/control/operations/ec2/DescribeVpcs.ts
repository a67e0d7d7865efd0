import { defaultVpcId } from "../../../model/default-network.ts";
import { derivedId } from "../../../model/ids.ts";
import type { Vpc } from "../../../model/network.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { recordsOf } from "./record-lookup.ts";

const FILTERS: FilterTable<ec2.Vpc> = {
	cidr: ({ CidrBlock }) => CidrBlock,
	"cidr-block-association.association-id": ({ CidrBlockAssociationSet }) => CidrBlockAssociationSet?.map((each) => each.AssociationId),
	"cidr-block-association.cidr-block": ({ CidrBlockAssociationSet }) => CidrBlockAssociationSet?.map((each) => each.CidrBlock),
	"cidr-block-association.state": ({ CidrBlockAssociationSet }) => CidrBlockAssociationSet?.map((each) => each.CidrBlockState?.State),
	"dhcp-options-id": ({ DhcpOptionsId }) => DhcpOptionsId,
	"ipv6-cidr-block-association.association-id": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.AssociationId),
	"ipv6-cidr-block-association.ipv6-cidr-block": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlock),
	"ipv6-cidr-block-association.state": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlockState?.State),
	"is-default": ({ IsDefault }) => IsDefault,
	// AWS: the older name, which most guides and tools still write.
	isDefault: ({ IsDefault }) => IsDefault,
	"owner-id": ({ OwnerId }) => OwnerId,
	state: ({ State }) => State,
	"vpc-id": ({ VpcId }) => VpcId,
};

/** VPCs by id, by filter, or all; in pages. */
export const DescribeVpcs: Ec2Operation<"DescribeVpcs"> = {
	run({ VpcIds, ...request }, call) {
		const vpcs = recordsOf("vpc", VpcIds, call).map((vpc) => describeVpc(vpc, call));
		const { items, nextToken } = filteredPage(vpcs, request, FILTERS, ({ VpcId }) => VpcId);
		return { Vpcs: items, NextToken: nextToken };
	},
};

function describeVpc({ vpcId, cidrBlocks, ipv6CidrBlocks, tags }: Vpc, call: Call): ec2.Vpc {
	const { accountId, region } = call.account;
	return {
		VpcId: vpcId,
		OwnerId: accountId,
		State: "available",
		InstanceTenancy: "default",
		IsDefault: vpcId === defaultVpcId(call.account),
		CidrBlock: cidrBlocks[0],
		CidrBlockAssociationSet: cidrBlocks.map((CidrBlock) => ({
			AssociationId: derivedId("vpc-cidr-assoc", vpcId, CidrBlock),
			CidrBlock,
			CidrBlockState: { State: "associated" },
		})),
		Ipv6CidrBlockAssociationSet:
			ipv6CidrBlocks.length === 0
				? undefined
				: ipv6CidrBlocks.map((Ipv6CidrBlock) => ({
						AssociationId: derivedId("vpc-cidr-assoc", vpcId, Ipv6CidrBlock),
						Ipv6CidrBlock,
						Ipv6CidrBlockState: { State: "associated" },
						NetworkBorderGroup: region,
						Ipv6Pool: "Amazon",
					})),
		DhcpOptionsId: derivedId("dopt", accountId, region),
		BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
		Tags: describedTagSet(tags),
	};
}
