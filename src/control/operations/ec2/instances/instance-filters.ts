// What DescribeInstances filters by (control-apis.md §2.4).

import type { Instance } from "../../../../model/instance.ts";
import { metadataOptionsState, privateDnsName } from "../../../../model/instance.ts";
import { publicDnsName, zoneIdOf } from "../../../../model/region.ts";
import { type FilterTable } from "../../../filters.ts";
import type { Call } from "../../../operation.ts";
import { describedProfile, describedState, volumeId } from "./instance-description.ts";

/** Gap: of some 130 filters of DescribeInstances, those that an audit of metadata needs and the common ones. */
export function instanceFilters(call: Call): FilterTable<Instance> {
	const { records, account, partition } = call;
	const addresses = ({ networkInterfaces }: Instance) => networkInterfaces.flatMap(({ privateIpAddresses }) => privateIpAddresses);
	const privateIps = (instance: Instance) => addresses(instance).map(({ privateIpAddress }) => privateIpAddress);
	const publicIps = (instance: Instance) => addresses(instance).flatMap(({ publicIp }) => publicIp ?? []);
	const ipv6 = ({ networkInterfaces }: Instance) => networkInterfaces.flatMap(({ ipv6Addresses }) => ipv6Addresses);
	const subnets = ({ networkInterfaces }: Instance) => networkInterfaces.map(({ subnetId }) => subnetId);
	const vpcs = (instance: Instance) => subnets(instance).map((subnetId) => records.subnet.get(subnetId)?.vpcId);
	const groups = ({ networkInterfaces }: Instance) => networkInterfaces.flatMap(({ groupIds }) => groupIds);
	const groupNames = (instance: Instance) => groups(instance).map((id) => records["security-group"].get(id)?.groupName);
	const dnsNames = (instance: Instance) => instance.networkInterfaces.map((one) => privateDnsName(instance, one, account.region));
	const publicDnsNames = (instance: Instance) => publicIps(instance).map((publicIp) => publicDnsName(publicIp, account.region));
	const imageOf = ({ imageId }: Instance) => records.image.get(imageId);
	const primaryOnly = (read: (instance: Instance) => readonly (string | undefined)[]) => (instance: Instance) => read(instance)[0];
	return {
		"metadata-options.http-endpoint": ({ metadataOptions }) => metadataOptions.httpEndpoint,
		// AWS: there is no such option; it follows the endpoint's (§1.1).
		"metadata-options.http-protocol-ipv4": ({ metadataOptions }) => metadataOptions.httpEndpoint,
		"metadata-options.http-protocol-ipv6": ({ metadataOptions }) => metadataOptions.httpProtocolIpv6,
		"metadata-options.http-put-response-hop-limit": ({ metadataOptions }) => metadataOptions.httpPutResponseHopLimit,
		"metadata-options.http-tokens": ({ metadataOptions }) => metadataOptions.httpTokens,
		"metadata-options.instance-metadata-tags": ({ metadataOptions }) => metadataOptions.instanceMetadataTags,
		"metadata-options.state": (instance) => metadataOptionsState(instance),

		affinity: () => undefined,
		architecture: (instance) => imageOf(instance)?.architecture,
		"availability-zone": ({ placement }) => placement.availabilityZone,
		"availability-zone-id": ({ placement }) => zoneIdOf(placement.availabilityZone),
		"block-device-mapping.device-name": ({ blockDeviceMappings }) => blockDeviceMappings.map(({ deviceName }) => deviceName),
		"block-device-mapping.volume-id": (instance) => instance.blockDeviceMappings.map(({ deviceName }) => volumeId(instance, deviceName)),
		"client-token": ({ clientToken }) => clientToken,
		"dns-name": primaryOnly(publicDnsNames),
		"group-id": primaryGroups,
		"group-name": (instance) => primaryGroups(instance).map((id) => records["security-group"].get(id)?.groupName),
		"host-id": ({ placement }) => placement.hostId,
		hypervisor: () => "xen",
		"iam-instance-profile.arn": ({ iamInstanceProfile }) => iamInstanceProfile?.arn,
		"iam-instance-profile.id": (instance) => describedProfile(instance, { records, account, partition })?.Id,
		"image-id": ({ imageId }) => imageId,
		"instance-id": ({ instanceId }) => instanceId,
		"instance-lifecycle": ({ instanceLifecycle }) => (instanceLifecycle === "on-demand" ? undefined : instanceLifecycle),
		"instance-state-code": ({ state }) => describedState(state).Code,
		"instance-state-name": ({ state }) => state,
		"instance-type": ({ instanceType }) => instanceType,
		"instance.group-id": groups,
		"instance.group-name": groupNames,
		"ip-address": primaryOnly(publicIps),
		"ipv6-address": ipv6,
		"kernel-id": ({ kernelId }) => kernelId,
		"key-name": ({ keyNames }) => keyNames,
		"launch-index": ({ amiLaunchIndex }) => amiLaunchIndex,
		// AWS: with milliseconds, of which there are never any; `2026-11-22*` is what people write.
		"launch-time": ({ launchTime }) => launchTime.replace("Z", ".000Z"),
		"monitoring-state": ({ monitoring }) => monitoring ?? "disabled",
		"network-interface.addresses.association.public-ip": publicIps,
		"network-interface.addresses.private-ip-address": privateIps,
		"network-interface.association.public-ip": publicIps,
		"network-interface.availability-zone": ({ placement }) => placement.availabilityZone,
		"network-interface.group-id": groups,
		"network-interface.group-name": groupNames,
		"network-interface.ipv6-addresses.ipv6-address": ipv6,
		"network-interface.mac-address": ({ networkInterfaces }) => networkInterfaces.map(({ macAddress }) => macAddress),
		"network-interface.network-interface-id": ({ networkInterfaces }) => networkInterfaces.map((one) => one.networkInterfaceId),
		"network-interface.owner-id": () => account.accountId,
		"network-interface.private-dns-name": dnsNames,
		"network-interface.private-ip-address": privateIps,
		"network-interface.status": () => "in-use",
		"network-interface.subnet-id": subnets,
		"network-interface.vpc-id": vpcs,
		"outpost-arn": ({ placement }) => placement.outpostArn,
		"owner-id": () => account.accountId,
		"placement-group-name": ({ placement }) => placement.groupName,
		"placement-partition-number": ({ placement }) => placement.partitionNumber,
		platform: () => undefined,
		"platform-details": () => "Linux/UNIX",
		"private-dns-name": primaryOnly(dnsNames),
		"private-dns-name-options.hostname-type": ({ hostnameType }) => hostnameType,
		"private-ip-address": primaryOnly(privateIps),
		"product-code": ({ productCodes }) => productCodes,
		"ramdisk-id": ({ ramdiskId }) => ramdiskId,
		"reservation-id": ({ reservationId }) => reservationId,
		"root-device-name": (instance) => imageOf(instance)?.rootDeviceName,
		"root-device-type": () => "ebs",
		"source-dest-check": ({ described }) => described?.["SourceDestCheck"] !== false,
		"state-reason-code": ({ stateTransition }) => stateTransition?.code,
		"subnet-id": primaryOnly(subnets),
		tenancy: ({ placement }) => placement.tenancy ?? "default",
		"virtualization-type": (instance) => imageOf(instance)?.virtualizationType,
		"vpc-id": primaryOnly(vpcs),
	};
}

function primaryGroups({ networkInterfaces }: Instance): readonly string[] {
	return networkInterfaces[0]?.groupIds ?? [];
}
