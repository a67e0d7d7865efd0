// From what a launch is asked for to what the model launches, with EC2's errors where that can't be (control-apis.md §2.3).

import type { BlockDeviceMapping, Image } from "../../../../model/image.ts";
import type { Instance } from "../../../../model/instance.ts";
import { InvalidValue } from "../../../../model/invalid-value.ts";
import { type InstanceSpec, launch, USER_DATA_MAX_BYTES, type World } from "../../../../model/launch.ts";
import type { InterfaceSpec } from "../../../../model/launch-network.ts";
import { regionOfZone, zoneIdOf } from "../../../../model/region.ts";
import { withoutUndefined } from "../../../../model/without-undefined.ts";
import {
	ApiError,
	imageUnavailable,
	invalidParameterCombination,
	invalidParameterValue,
	keyPairNotFound,
	missingParameter,
	noSuchResource,
} from "../../../errors.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { withRequestedMappings } from "../images/block-device-mappings.ts";
import { profileOf } from "../instances/instance-profile-lookup.ts";
import type { AskedLaunch, LaunchParameters } from "./launch-parameters.ts";

/** AWS: what an instance that names no type would get is m1.small, which nobody has any more (control-apis.md §2.3). */
const DEFAULT_INSTANCE_TYPE = "t3.micro";

/** The members of a launch that mean nothing here, under the names that DescribeInstances has for them. */
type Described = Pick<
	ec2.Instance,
	| "CpuOptions"
	| "CapacityReservationSpecification"
	| "EnclaveOptions"
	| "Licenses"
	| "MaintenanceOptions"
	| "NetworkPerformanceOptions"
	| "EbsOptimized"
	| "PrivateDnsNameOptions"
> &
	Pick<LaunchParameters, "CreditSpecification">;

/** AWS: addresses of a family that an interface of the largest types has (ec2/AvailableIpPerENI). */
const ADDRESSES_MAX = 50;

/** More than the interfaces, and the network cards, of any type. */
const DEVICE_INDEX_MAX = 255;

/** AWS: partitions of a placement group in a zone (ec2/placement-strategies). */
const PARTITIONS_MAX = 7;

/** One of the instances of a launch: what it is given apart from what all have. */
export interface LaunchSlot {
	readonly instanceId: string;
	readonly reservationId: string;
	readonly amiLaunchIndex: number;
	readonly clientToken: string | undefined;
}

/**
 * An instance as it is launched: pending, and its options with it.
 *
 * @throws {ApiError} for whatever no instance can have.
 */
export function launchedInstance(asked: AskedLaunch, slot: LaunchSlot, world: World, call: Call): Instance {
	const { parameters } = asked;
	const spec = specificationOf(asked, slot, call);
	let instance: Instance;
	try {
		instance = launch(spec, world, call.nowMs);
	} catch (error) {
		throw error instanceof InvalidValue ? apiErrorOf(error) : error;
	}
	const interfaceTags = asked.tags["network-interface"];
	return withoutUndefined<Instance>({
		...instance,
		state: "pending",
		metadataOptionsPending: true,
		networkInterfaces:
			interfaceTags.length === 0 ? instance.networkInterfaces : instance.networkInterfaces.map((one) => ({ ...one, tags: interfaceTags })),
		clientToken: slot.clientToken,
		disableApiTermination: parameters.DisableApiTermination,
		disableApiStop: parameters.DisableApiStop,
		spotInstanceType: instance.instanceLifecycle === "spot" ? parameters.InstanceMarketOptions?.SpotOptions?.SpotInstanceType : undefined,
		instanceInitiatedShutdownBehavior: parameters.InstanceInitiatedShutdownBehavior,
		described: describedOf(parameters),
	});
}

/** What is refused before anything is made: whatever the request refers to must be there. */
export function checkReferences({ parameters }: AskedLaunch, call: Call): void {
	const { records } = call;
	const { ImageId, KeyName, SubnetId, NetworkInterfaces, SecurityGroupIds, SecurityGroups } = parameters;
	if (ImageId === undefined) throw missingParameter("ImageId");
	const image = records.image.get(ImageId);
	if (image === undefined) throw noSuchResource("image", [ImageId]);
	if (image.deregisteredAt !== undefined) throw imageUnavailable(ImageId);
	if (KeyName !== undefined && !records["key-pair"].has(KeyName)) throw keyPairNotFound([KeyName]);
	if (NetworkInterfaces !== undefined && NetworkInterfaces.length > 0) {
		const level = SubnetId !== undefined ? "subnet ID" : (SecurityGroupIds ?? SecurityGroups) !== undefined ? "security groups" : undefined;
		if (level !== undefined) {
			const verb = level === "subnet ID" ? "an instance-level subnet ID" : "instance-level security groups";
			throw invalidParameterCombination(`Network interfaces and ${verb} may not be specified on the same request`);
		}
		const existing = NetworkInterfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
		// Gap: there are no interfaces but those of instances, so none is free to be attached.
		if (existing.length > 0) throw noSuchResource("network-interface", existing);
	}
	const subnets = [SubnetId, ...(NetworkInterfaces ?? []).map((one) => one.SubnetId)].filter((id) => id !== undefined);
	for (const subnetId of subnets) if (!records.subnet.has(subnetId)) throw noSuchResource("subnet", [subnetId]);
	const groups = [...(SecurityGroupIds ?? []), ...(NetworkInterfaces ?? []).flatMap(({ Groups }) => Groups ?? [])];
	for (const groupId of groups) if (!records["security-group"].has(groupId)) throw noSuchResource("security-group", [groupId]);
	if (parameters.IamInstanceProfile !== undefined) profileOf(parameters.IamInstanceProfile, call);
	checkUserData(parameters.UserData);
}

/** @throws {ApiError} for user data that is no base64, or too long. */
export function checkUserData(userData: string | undefined): void {
	if (userData === undefined) return;
	// White space first: a pattern with it at two places takes an hour for a mebibyte of blanks.
	if (!/^[A-Za-z0-9+/]*={0,2}$/.test(userData.replaceAll(/\s/g, ""))) throw invalidParameterValue("Invalid BASE64 encoding of user data");
	if (Buffer.byteLength(Buffer.from(userData, "base64")) > USER_DATA_MAX_BYTES) {
		throw invalidParameterValue(`User data is limited to ${USER_DATA_MAX_BYTES} bytes`);
	}
}

function specificationOf({ parameters, options, tags }: AskedLaunch, slot: LaunchSlot, call: Call): InstanceSpec {
	const { ImageId = "", IamInstanceProfile, Placement, PrivateDnsNameOptions, UserData, Monitoring } = parameters;
	const { instanceId, reservationId, amiLaunchIndex } = slot;
	const hostnameType = PrivateDnsNameOptions?.HostnameType;
	return withoutUndefined<InstanceSpec>({
		instanceId,
		reservationId,
		amiLaunchIndex,
		imageId: ImageId,
		instanceType: parameters.InstanceType ?? DEFAULT_INSTANCE_TYPE,
		placement: Placement && placementOf(Placement, call),
		privateDnsNameOptions: hostnameType && { hostnameType },
		metadataOptions: options,
		tags: tags.instance,
		iamInstanceProfile: IamInstanceProfile && { name: profileOf(IamInstanceProfile, call).profile.instanceProfileName },
		keyName: parameters.KeyName,
		networkInterfaces: interfacesOf(parameters, call),
		userData: UserData ? Buffer.from(UserData, "base64").toString("base64") : undefined,
		blockDeviceMappings: blockDevicesOf(parameters.BlockDeviceMappings, call.records.image.get(ImageId), tags.volume, call),
		kernelId: parameters.KernelId,
		ramdiskId: parameters.RamdiskId,
		instanceLifecycle: parameters.InstanceMarketOptions?.MarketType === "spot" ? "spot" : "on-demand",
		hibernationOptions: parameters.HibernationOptions?.Configured === true ? { configured: true } : undefined,
		monitoring: Monitoring && (Monitoring.Enabled ? "enabled" : "disabled"),
	});
}

function placementOf(placement: ec2.Placement, call: Call): NonNullable<InstanceSpec["placement"]> {
	const { AvailabilityZone, AvailabilityZoneId, GroupName, PartitionNumber, HostId, Tenancy } = placement;
	const zone = AvailabilityZone ?? zoneOfId(AvailabilityZoneId, call);
	if (zone !== undefined && regionOfZone(zone) !== call.account.region) throw invalidParameterValue(`Invalid availability zone: [${zone}]`);
	return withoutUndefined<NonNullable<InstanceSpec["placement"]>>({
		availabilityZone: zone,
		groupName: GroupName || undefined,
		partitionNumber: inRange("PartitionNumber", PartitionNumber, 1, PARTITIONS_MAX),
		hostId: HostId,
		tenancy: Tenancy,
	});
}

function zoneOfId(zoneId: string | undefined, { records }: Call): string | undefined {
	if (zoneId === undefined) return undefined;
	const zone = [...records.subnet.values()].find(({ availabilityZone }) => zoneIdOf(availabilityZone) === zoneId)?.availabilityZone;
	if (zone === undefined) throw invalidParameterValue(`Invalid availability zone ID: [${zoneId}]`);
	return zone;
}

/** The interfaces that are listed, or the only one, whose parameters are the launch's own. */
function interfacesOf(parameters: LaunchParameters, call: Call): readonly InterfaceSpec[] {
	const { NetworkInterfaces = [], SecurityGroupIds = [], SecurityGroups = [], SubnetId, PrivateIpAddress } = parameters;
	if (NetworkInterfaces.length > 0) return NetworkInterfaces.map((one, index) => interfaceOf(one, index));
	const Groups = [...SecurityGroupIds, ...SecurityGroups.map((name) => groupIdOf(name, call))];
	const { Ipv6Addresses, Ipv6AddressCount } = parameters;
	return [interfaceOf({ SubnetId, PrivateIpAddress, Ipv6Addresses, Ipv6AddressCount, Groups }, 0)];
}

function interfaceOf(one: ec2.InstanceNetworkInterfaceSpecification, index: number): InterfaceSpec {
	const listed = (one.PrivateIpAddresses ?? []).toSorted((a, b) => Number(b.Primary === true) - Number(a.Primary === true));
	const addresses = listed.flatMap(({ PrivateIpAddress }) =>
		PrivateIpAddress === undefined ? [] : [{ privateIpAddress: PrivateIpAddress }],
	);
	return withoutUndefined<InterfaceSpec>({
		deviceIndex: inRange("DeviceIndex", one.DeviceIndex, 0, DEVICE_INDEX_MAX) ?? index,
		networkCardIndex: inRange("NetworkCardIndex", one.NetworkCardIndex, 0, DEVICE_INDEX_MAX),
		subnetId: one.SubnetId,
		groups: someOf(one.Groups ?? []),
		privateIpAddress: one.PrivateIpAddress,
		privateIpAddresses: someOf(addresses),
		secondaryPrivateIpAddressCount: inRange("SecondaryPrivateIpAddressCount", one.SecondaryPrivateIpAddressCount, 0, ADDRESSES_MAX - 1),
		associatePublicIpAddress: one.AssociatePublicIpAddress,
		ipv6Addresses: someOf((one.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? [])),
		ipv6AddressCount: inRange("Ipv6AddressCount", one.Ipv6AddressCount, 0, ADDRESSES_MAX),
		description: one.Description,
		ipv4Prefixes: someOf((one.Ipv4Prefixes ?? []).flatMap(({ Ipv4Prefix }) => Ipv4Prefix ?? [])),
		ipv6Prefixes: someOf((one.Ipv6Prefixes ?? []).flatMap(({ Ipv6Prefix }) => Ipv6Prefix ?? [])),
	});
}

function inRange(parameter: string, value: number | undefined, min: number, max: number): number | undefined {
	if (value === undefined || (value >= min && value <= max)) return value;
	throw invalidParameterValue(`Value (${value}) for parameter ${parameter} is invalid. Specify a number from ${min} to ${max}.`);
}

/** AWS: an empty list is none at all. */
function someOf<T>(list: readonly T[]): readonly T[] | undefined {
	return list.length === 0 ? undefined : list;
}

function groupIdOf(groupName: string, { records }: Call): string {
	const group = [...records["security-group"].values()].find((each) => each.groupName === groupName);
	if (group === undefined) throw new ApiError("InvalidGroup.NotFound", `The security group '${groupName}' does not exist`);
	return group.groupId;
}

/** The image's devices with what the request says of them; the volumes have the launch's tags. */
function blockDevicesOf(
	asked: readonly ec2.BlockDeviceMapping[] | undefined,
	image: Image | undefined,
	tags: AskedLaunch["tags"]["volume"],
	call: Call,
): readonly BlockDeviceMapping[] {
	const mappings = withRequestedMappings(image?.blockDeviceMappings ?? [], asked, call);
	return mappings.map((mapping) => (tags.length === 0 || mapping.virtualName !== undefined ? mapping : { ...mapping, tags }));
}

function describedOf(parameters: LaunchParameters): Instance["described"] {
	const described = withoutUndefined<Described>({
		CpuOptions: parameters.CpuOptions,
		CreditSpecification: parameters.CreditSpecification,
		CapacityReservationSpecification: parameters.CapacityReservationSpecification,
		EnclaveOptions: parameters.EnclaveOptions,
		MaintenanceOptions: parameters.MaintenanceOptions,
		NetworkPerformanceOptions: parameters.NetworkPerformanceOptions,
		EbsOptimized: parameters.EbsOptimized,
		Licenses: parameters.LicenseSpecifications,
		PrivateDnsNameOptions: parameters.PrivateDnsNameOptions,
	});
	return Object.keys(described).length === 0 ? undefined : { ...described };
}

/** AWS's code for what the model refuses; the model's words, which name the value and what is allowed. */
function apiErrorOf({ path, message, reason }: InvalidValue): ApiError {
	if (reason === "taken") return new ApiError("InvalidIPAddress.InUse", message);
	if (reason === "exhausted") return new ApiError("InsufficientFreeAddressesInSubnet", message);
	return invalidParameterValue(`${path.join(".")}: ${message}`);
}
