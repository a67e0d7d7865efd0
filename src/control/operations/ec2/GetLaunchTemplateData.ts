import type { Instance } from "../../../model/instance.ts";
import type { NetworkInterface } from "../../../model/network.ts";
import type * as ec2 from "../../models/ec2.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceOf } from "./instances/instance-lookup.ts";
import { describedOptions } from "./instances/instance-metadata-options.ts";

/** What a template must say so that another instance is launched like this one (control-apis.md §2.10). */
export const GetLaunchTemplateData: Ec2Operation<"GetLaunchTemplateData"> = {
	run: ({ InstanceId }, call) => ({ LaunchTemplateData: templateDataFrom(instanceOf(InstanceId, call)) }),
};

/** Gap: of what has no effect on an instance's metadata, only what is named here. */
function templateDataFrom(instance: Instance): ec2.ResponseLaunchTemplateData {
	const { placement, described = {} } = instance;
	const { State: _state, ...MetadataOptions } = describedOptions(instance);
	const tags = describedTagSet(instance.tags);
	return {
		KernelId: instance.kernelId,
		RamDiskId: instance.ramdiskId,
		EbsOptimized: described["EbsOptimized"] === true,
		IamInstanceProfile: instance.iamInstanceProfile && { Arn: instance.iamInstanceProfile.arn },
		BlockDeviceMappings: instance.blockDeviceMappings.map(({ deviceName, virtualName, ebs }) => ({
			DeviceName: deviceName,
			VirtualName: virtualName,
			Ebs: virtualName === undefined ? { DeleteOnTermination: ebs?.deleteOnTermination ?? true } : undefined,
		})),
		NetworkInterfaces: instance.networkInterfaces.map(interfaceFrom),
		ImageId: instance.imageId,
		InstanceType: instance.instanceType,
		KeyName: instance.keyNames[0],
		Monitoring: { Enabled: instance.monitoring === "enabled" },
		Placement: {
			AvailabilityZone: placement.availabilityZone,
			GroupName: placement.groupName ?? "",
			PartitionNumber: placement.partitionNumber,
			HostId: placement.hostId,
			Tenancy: placement.tenancy ?? "default",
		},
		DisableApiTermination: instance.disableApiTermination ?? false,
		DisableApiStop: instance.disableApiStop ?? false,
		InstanceInitiatedShutdownBehavior: instance.instanceInitiatedShutdownBehavior ?? "stop",
		UserData: instance.userData,
		TagSpecifications: tags && [{ ResourceType: "instance", Tags: tags }],
		InstanceMarketOptions: instance.instanceLifecycle === "spot" ? { MarketType: "spot" } : undefined,
		HibernationOptions: { Configured: instance.hibernationConfigured === true },
		MetadataOptions,
		PrivateDnsNameOptions: {
			HostnameType: instance.hostnameType,
			EnableResourceNameDnsARecord: false,
			EnableResourceNameDnsAAAARecord: false,
		},
	};
}

function interfaceFrom(one: NetworkInterface): ec2.LaunchTemplateInstanceNetworkInterfaceSpecification {
	const [primary] = one.privateIpAddresses;
	return {
		AssociatePublicIpAddress: primary?.publicIp === undefined ? undefined : true,
		DeleteOnTermination: true,
		Description: one.description ?? "",
		DeviceIndex: one.deviceIndex,
		Groups: one.groupIds,
		InterfaceType: "interface",
		Ipv6Addresses: one.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
		PrivateIpAddress: primary?.privateIpAddress,
		PrivateIpAddresses: one.privateIpAddresses.map(({ privateIpAddress }, index) => ({
			Primary: index === 0,
			PrivateIpAddress: privateIpAddress,
		})),
		SubnetId: one.subnetId,
		NetworkCardIndex: one.networkCardIndex,
	};
}
