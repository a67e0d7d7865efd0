// An instance as DescribeInstances and RunInstances show it (control-apis.md §2.3).

import { iamArn, nameOfArn } from "../../../../model/iam.ts";
import { derivedId } from "../../../../model/ids.ts";
import { type Instance, type InstanceState, privateDnsName, STATE_CODES } from "../../../../model/instance.ts";
import type { NetworkInterface } from "../../../../model/network.ts";
import { publicDnsName, zoneIdOf } from "../../../../model/region.ts";
import { epochMs } from "../../../../model/timestamp.ts";
import { describedTags, endpointOf } from "../../../instance-endpoint.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { describedOptions } from "./instance-metadata-options.ts";

type World = Pick<Call, "records" | "account" | "partition">;

export function describedState(state: InstanceState): { Code: number; Name: InstanceState } {
	return { Code: STATE_CODES[state], Name: state };
}

/** An instance's volumes: one for each EBS device, with an id that follows from both. */
export function volumeId({ instanceId }: Pick<Instance, "instanceId">, deviceName: string): string {
	return derivedId("vol", instanceId, deviceName);
}

/** All that DescribeInstances tells of an instance. */
export function describeInstance(instance: Instance, world: World): ec2.Instance {
	const { records, account } = world;
	const image = records.image.get(instance.imageId);
	const [primary] = instance.networkInterfaces;
	const subnet = primary && records.subnet.get(primary.subnetId);
	const address = primary?.privateIpAddresses[0];
	const tags = describedTags(instance);
	return {
		...(instance.described as ec2.Instance | undefined),
		InstanceId: instance.instanceId,
		ImageId: instance.imageId,
		State: describedState(instance.state),
		PrivateDnsName: primary === undefined ? "" : privateDnsName(instance, primary, account.region),
		PublicDnsName: address?.publicIp === undefined ? "" : publicDnsName(address.publicIp, account.region),
		StateTransitionReason: reasonOf(instance),
		KeyName: instance.keyNames[0],
		AmiLaunchIndex: instance.amiLaunchIndex,
		ProductCodes: instance.productCodes.map((ProductCodeId) => ({ ProductCodeId, ProductCodeType: "marketplace" as const })),
		InstanceType: instance.instanceType,
		LaunchTime: new Date(epochMs(instance.launchTime)),
		Placement: {
			AvailabilityZone: instance.placement.availabilityZone,
			AvailabilityZoneId: zoneIdOf(instance.placement.availabilityZone),
			GroupName: instance.placement.groupName ?? "",
			PartitionNumber: instance.placement.partitionNumber,
			HostId: instance.placement.hostId,
			Tenancy: instance.placement.tenancy ?? "default",
		},
		KernelId: instance.kernelId,
		RamdiskId: instance.ramdiskId,
		Monitoring: { State: instance.monitoring ?? "disabled" },
		SubnetId: primary?.subnetId,
		VpcId: subnet?.vpcId,
		PrivateIpAddress: address?.privateIpAddress,
		PublicIpAddress: address?.publicIp,
		Ipv6Address: primary?.ipv6Addresses[0],
		StateReason: stateReason(instance),
		Architecture: image?.architecture ?? "x86_64",
		BlockDeviceMappings: instance.blockDeviceMappings
			.filter(({ virtualName }) => virtualName === undefined)
			.map(({ deviceName, ebs }) => ({
				DeviceName: deviceName,
				Ebs: {
					AttachTime: new Date(epochMs(instance.launchTime)),
					DeleteOnTermination: ebs?.deleteOnTermination ?? true,
					Status: "attached" as const,
					VolumeId: volumeId(instance, deviceName),
				},
			})),
		ClientToken: instance.clientToken ?? "",
		EbsOptimized: instance.described?.["EbsOptimized"] === true,
		EnaSupport: instance.described?.["EnaSupport"] !== false,
		// AWS: this, of Nitro instances too.
		Hypervisor: "xen",
		IamInstanceProfile: describedProfile(instance, world),
		InstanceLifecycle: instance.instanceLifecycle === "on-demand" ? undefined : instance.instanceLifecycle,
		NetworkInterfaces: instance.networkInterfaces.map((one) => describeInterface(one, instance, world)),
		SpotInstanceRequestId: instance.instanceLifecycle === "spot" ? derivedId("sir", instance.instanceId) : undefined,
		OutpostArn: instance.placement.outpostArn,
		RootDeviceName: image?.rootDeviceName ?? "/dev/xvda",
		RootDeviceType: "ebs",
		SecurityGroups: primary === undefined ? [] : describedGroups(primary, world),
		SourceDestCheck: instance.described?.["SourceDestCheck"] !== false,
		Tags: tags.length === 0 ? undefined : tags.map(({ key, value }) => ({ Key: key, Value: value })),
		VirtualizationType: image?.virtualizationType ?? "hvm",
		HibernationOptions: { Configured: instance.hibernationConfigured === true },
		MetadataOptions: describedOptions(instance),
		PlatformDetails: "Linux/UNIX",
		UsageOperation: "RunInstances",
		UsageOperationUpdateTime: new Date(epochMs(instance.launchTime)),
		PrivateDnsNameOptions: {
			EnableResourceNameDnsARecord: false,
			EnableResourceNameDnsAAAARecord: false,
			...(instance.described as ec2.Instance | undefined)?.PrivateDnsNameOptions,
			HostnameType: instance.hostnameType,
		},
	};
}

function describeInterface(one: NetworkInterface, instance: Instance, world: World): ec2.InstanceNetworkInterface {
	const { records, account } = world;
	const subnet = records.subnet.get(one.subnetId);
	const [primary] = one.privateIpAddresses;
	const association = (publicIp: string | undefined) =>
		publicIp === undefined
			? undefined
			: { IpOwnerId: "amazon", PublicIp: publicIp, PublicDnsName: publicDnsName(publicIp, account.region) };
	return {
		NetworkInterfaceId: one.networkInterfaceId,
		MacAddress: one.macAddress,
		Description: one.description ?? "",
		OwnerId: account.accountId,
		Status: "in-use",
		InterfaceType: "interface",
		SourceDestCheck: instance.described?.["SourceDestCheck"] !== false,
		SubnetId: one.subnetId,
		VpcId: subnet?.vpcId,
		Groups: describedGroups(one, world),
		PrivateDnsName: privateDnsName(instance, one, account.region),
		PrivateIpAddress: primary?.privateIpAddress,
		Association: association(primary?.publicIp),
		PrivateIpAddresses: one.privateIpAddresses.map(({ privateIpAddress, publicIp }, index) => ({
			PrivateIpAddress: privateIpAddress,
			Primary: index === 0,
			Association: association(publicIp),
		})),
		Ipv6Addresses: one.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
		Ipv4Prefixes: one.ipv4Prefixes.length === 0 ? undefined : one.ipv4Prefixes.map((Ipv4Prefix) => ({ Ipv4Prefix })),
		Ipv6Prefixes: one.ipv6Prefixes.length === 0 ? undefined : one.ipv6Prefixes.map((Ipv6Prefix) => ({ Ipv6Prefix })),
		Attachment: {
			AttachmentId: derivedId("eni-attach", instance.instanceId, one.deviceIndex),
			AttachTime: new Date(epochMs(instance.launchTime)),
			DeleteOnTermination: true,
			DeviceIndex: one.deviceIndex,
			NetworkCardIndex: one.networkCardIndex,
			Status: "attached",
		},
	};
}

function describedGroups({ groupIds }: NetworkInterface, { records }: World): readonly ec2.GroupIdentifier[] {
	return groupIds.map((GroupId) => ({ GroupId, GroupName: records["security-group"].get(GroupId)?.groupName }));
}

/** The profile as EC2 shows it: the ARN, and the id where the profile is still there. */
export function describedProfile(
	{ iamInstanceProfile }: Instance,
	{ records, account, partition }: World,
): ec2.IamInstanceProfile | undefined {
	if (iamInstanceProfile === undefined) return undefined;
	const { arn } = iamInstanceProfile;
	const found = records["instance-profile"].get(nameOfArn(arn));
	const isIt = found && iamArn(partition, account.accountId, "instance-profile", found.path, found.instanceProfileName) === arn;
	return { Arn: arn, Id: isIt ? found.instanceProfileId : undefined };
}

/** AWS: `User initiated (2026-11-22 08:00:00 GMT)` for what is stopped or gone, else nothing. */
function reasonOf({ stateTransition, state }: Instance): string {
	if (stateTransition === undefined || state === "running" || state === "pending") return "";
	return `User initiated (${stateTransition.time.replace("T", " ").replace("Z", " GMT")})`;
}

/** Why it is in its state; of one that runs, where it is asked, since nobody asks why it runs. */
function stateReason(instance: Instance): ec2.StateReason | undefined {
	const { stateTransition, state } = instance;
	const endpoint = endpointOf(instance);
	if (state === "running" || (state === "pending" && endpoint !== undefined)) {
		return endpoint === undefined ? undefined : { Code: "OpenIMDS.Endpoint", Message: `Instance metadata: ${endpoint}` };
	}
	return stateTransition && { Code: stateTransition.code, Message: stateTransition.message };
}
