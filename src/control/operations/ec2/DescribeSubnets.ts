import { defaultNetwork } from "../../../model/default-network.ts";
import { derivedId } from "../../../model/ids.ts";
import { cidrSize, type Subnet } from "../../../model/network.ts";
import { zoneIdOf } from "../../../model/region.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { ec2Arn } from "./arns.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { recordsOf } from "./record-lookup.ts";

/** AWS: the first four addresses of a subnet and the last are its own. */
const RESERVED_ADDRESSES = 5;

// AWS: some have an older name too, which tools still write.
const FILTERS: FilterTable<ec2.Subnet> = {
	"availability-zone": ({ AvailabilityZone }) => AvailabilityZone,
	availabilityZone: ({ AvailabilityZone }) => AvailabilityZone,
	"availability-zone-id": ({ AvailabilityZoneId }) => AvailabilityZoneId,
	availabilityZoneId: ({ AvailabilityZoneId }) => AvailabilityZoneId,
	"available-ip-address-count": ({ AvailableIpAddressCount }) => AvailableIpAddressCount,
	"cidr-block": ({ CidrBlock }) => CidrBlock,
	cidr: ({ CidrBlock }) => CidrBlock,
	cidrBlock: ({ CidrBlock }) => CidrBlock,
	"default-for-az": ({ DefaultForAz }) => DefaultForAz,
	defaultForAz: ({ DefaultForAz }) => DefaultForAz,
	"ipv6-cidr-block-association.association-id": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.AssociationId),
	"ipv6-cidr-block-association.ipv6-cidr-block": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlock),
	"ipv6-cidr-block-association.state": ({ Ipv6CidrBlockAssociationSet }) =>
		Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlockState?.State),
	"ipv6-native": ({ Ipv6Native }) => Ipv6Native,
	"map-public-ip-on-launch": ({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch,
	"outpost-arn": ({ OutpostArn }) => OutpostArn,
	"owner-id": ({ OwnerId }) => OwnerId,
	state: ({ State }) => State,
	"subnet-arn": ({ SubnetArn }) => SubnetArn,
	"subnet-id": ({ SubnetId }) => SubnetId,
	"vpc-id": ({ VpcId }) => VpcId,
};

/** Subnets by id, by filter, or all; in pages. */
export const DescribeSubnets: Ec2Operation<"DescribeSubnets"> = {
	run({ SubnetIds, ...request }, call) {
		const used = usedAddresses(call);
		const defaults = new Set(defaultNetwork(call.account).subnets.map(({ subnetId }) => subnetId));
		const subnets = recordsOf("subnet", SubnetIds, call).map((subnet) =>
			describeSubnet(subnet, { used: used.get(subnet.subnetId) ?? 0, isDefault: defaults.has(subnet.subnetId) }, call),
		);
		const { items, nextToken } = filteredPage(subnets, request, FILTERS, ({ SubnetId }) => SubnetId);
		return { Subnets: items, NextToken: nextToken };
	},
};

function describeSubnet(
	{ subnetId, vpcId, availabilityZone, cidrBlock, ipv6CidrBlocks, mapPublicIpOnLaunch, tags }: Subnet,
	{ used, isDefault }: { used: number; isDefault: boolean },
	call: Call,
): ec2.Subnet {
	const ipv6Native = cidrBlock === undefined;
	return {
		SubnetId: subnetId,
		SubnetArn: ec2Arn(call, "subnet", subnetId),
		VpcId: vpcId,
		OwnerId: call.account.accountId,
		State: "available",
		AvailabilityZone: availabilityZone,
		AvailabilityZoneId: zoneIdOf(availabilityZone),
		CidrBlock: cidrBlock,
		AvailableIpAddressCount: ipv6Native ? 0 : Math.max(0, Number(cidrSize(cidrBlock)) - RESERVED_ADDRESSES - used),
		Ipv6CidrBlockAssociationSet: ipv6CidrBlocks.map((Ipv6CidrBlock) => ({
			AssociationId: derivedId("subnet-cidr-assoc", subnetId, Ipv6CidrBlock),
			Ipv6CidrBlock,
			Ipv6CidrBlockState: { State: "associated" },
		})),
		Ipv6Native: ipv6Native,
		AssignIpv6AddressOnCreation: ipv6Native,
		DefaultForAz: isDefault,
		MapPublicIpOnLaunch: mapPublicIpOnLaunch,
		MapCustomerOwnedIpOnLaunch: false,
		EnableDns64: false,
		PrivateDnsNameOptionsOnLaunch: {
			HostnameType: ipv6Native ? "resource-name" : "ip-name",
			EnableResourceNameDnsARecord: false,
			EnableResourceNameDnsAAAARecord: false,
		},
		BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
		Tags: describedTagSet(tags),
	};
}

/** How many IPv4 addresses instances have, by subnet; a prefix is a /28 of them. */
function usedAddresses({ records }: Call): ReadonlyMap<string, number> {
	const used = new Map<string, number>();
	// Also of instances that EC2 does not show: who is terminated has no interfaces any more.
	const interfaces = [...records.instance.values()].flatMap(({ networkInterfaces }) => networkInterfaces);
	for (const { subnetId, privateIpAddresses, ipv4Prefixes } of interfaces) {
		used.set(subnetId, (used.get(subnetId) ?? 0) + privateIpAddresses.length + 16 * ipv4Prefixes.length);
	}
	return used;
}
