import { zoneIdOf } from "../../../model/region.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { describeInstance } from "./instances/instance-description.ts";
import { attachedInterfaces } from "./instances/instance-parts.ts";
import { chosen } from "./record-lookup.ts";

const FILTERS: FilterTable<ec2.NetworkInterface> = {
	"addresses.association.public-ip": ({ PrivateIpAddresses }) => PrivateIpAddresses?.map((each) => each.Association?.PublicIp),
	"addresses.primary": ({ PrivateIpAddresses }) => PrivateIpAddresses?.map(({ Primary }) => String(Primary)),
	"addresses.private-ip-address": ({ PrivateIpAddresses }) => PrivateIpAddresses?.map((each) => each.PrivateIpAddress),
	"association.ip-owner-id": ({ Association }) => Association?.IpOwnerId,
	"association.public-dns-name": ({ Association }) => Association?.PublicDnsName,
	"association.public-ip": ({ Association }) => Association?.PublicIp,
	"attachment.attachment-id": ({ Attachment }) => Attachment?.AttachmentId,
	"attachment.delete-on-termination": ({ Attachment }) => Attachment?.DeleteOnTermination,
	"attachment.device-index": ({ Attachment }) => Attachment?.DeviceIndex,
	"attachment.instance-id": ({ Attachment }) => Attachment?.InstanceId,
	"attachment.instance-owner-id": ({ Attachment }) => Attachment?.InstanceOwnerId,
	"attachment.status": ({ Attachment }) => Attachment?.Status,
	"availability-zone": ({ AvailabilityZone }) => AvailabilityZone,
	"availability-zone-id": ({ AvailabilityZoneId }) => AvailabilityZoneId,
	description: ({ Description }) => Description,
	"group-id": ({ Groups }) => Groups?.map(({ GroupId }) => GroupId),
	"group-name": ({ Groups }) => Groups?.map(({ GroupName }) => GroupName),
	"interface-type": ({ InterfaceType }) => InterfaceType,
	"ipv6-addresses.ipv6-address": ({ Ipv6Addresses }) => Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address),
	"mac-address": ({ MacAddress }) => MacAddress,
	"network-interface-id": ({ NetworkInterfaceId }) => NetworkInterfaceId,
	"owner-id": ({ OwnerId }) => OwnerId,
	"private-dns-name": ({ PrivateDnsName }) => PrivateDnsName,
	"private-ip-address": ({ PrivateIpAddress }) => PrivateIpAddress,
	"requester-managed": ({ RequesterManaged }) => RequesterManaged,
	"source-dest-check": ({ SourceDestCheck }) => SourceDestCheck,
	status: ({ Status }) => Status,
	"subnet-id": ({ SubnetId }) => SubnetId,
	"vpc-id": ({ VpcId }) => VpcId,
};

/** Network interfaces by id, by filter, or all; in pages. */
export const DescribeNetworkInterfaces: Ec2Operation<"DescribeNetworkInterfaces"> = {
	run({ NetworkInterfaceIds, ...request }, call) {
		const all = new Map(describeInterfaces(call).map((one) => [one.NetworkInterfaceId ?? "", one]));
		const interfaces = NetworkInterfaceIds === undefined ? [...all.values()] : chosen("network-interface", NetworkInterfaceIds, all);
		const { items, nextToken } = filteredPage(interfaces, request, FILTERS, ({ NetworkInterfaceId }) => NetworkInterfaceId);
		return { NetworkInterfaces: items, NextToken: nextToken };
	},
};

/** As their instances show them, and what only this operation tells. */
function describeInterfaces(call: Call): readonly ec2.NetworkInterface[] {
	const members = Map.groupBy(attachedInterfaces(call), ({ instance }) => instance);
	return [...members].flatMap(([instance, attached]) => {
		const { InstanceId, NetworkInterfaces = [] } = describeInstance(instance, call);
		const { availabilityZone } = instance.placement;
		return NetworkInterfaces.map((one, at) => ({
			...one,
			InterfaceType: "interface",
			Attachment: { ...one.Attachment, InstanceId, InstanceOwnerId: call.account.accountId },
			AvailabilityZone: availabilityZone,
			AvailabilityZoneId: zoneIdOf(availabilityZone),
			RequesterManaged: false,
			Ipv6Address: one.Ipv6Addresses?.[0]?.Ipv6Address,
			TagSet: (attached[at]?.networkInterface.tags ?? []).map(({ key, value }) => ({ Key: key, Value: value })),
		}));
	});
}
