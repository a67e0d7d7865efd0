// Everything an instance can read, in one table; listings are derived from it (metadata-endpoint.md §2).

import { partitionOf, zoneIdOf } from "../model/region.ts";
import { epochMs } from "../model/timestamp.ts";
import { blockDevices } from "./block-devices.ts";
import { identityInfo, identityRole, ofIdentityRole, ofRole, profileInfo, roleCredentials } from "./credentials.ts";
import { scheduledEvents } from "./events.ts";
import { documentText, pkcs7Text, rsa2048Text, signatureText } from "./instance-identity.ts";
import { type Leaf, leaf, leafOfEach, leafOfInterface, lines, live } from "./leaf.ts";
import { type AttachedInterface, localHostname, publicHostname, type View } from "./view.ts";

/** Leaves and directories that answer but stand in no listing (metadata-endpoint.md §8, rows 10 and 18). */
export const UNLISTED: ReadonlySet<string> = new Set(["dynamic/fws", "meta-data/network/interfaces/macs/{mac}/network-card-index"]);

export const LEAVES: readonly Leaf[] = [
	leaf("user-data", "1.0", ({ instance }) => Buffer.from(instance.userData ?? "", "base64"), {
		contentType: "application/octet-stream",
	}),

	leaf("meta-data/ami-id", "1.0", ({ instance }) => instance.imageId),
	leaf("meta-data/ami-launch-index", "1.0", ({ instance }) => String(instance.amiLaunchIndex)),
	leaf("meta-data/ami-manifest-path", "1.0", ({ image }) => image?.manifestPath ?? "(unknown)"),
	leaf("meta-data/ancestor-ami-ids", "2007-10-10", ({ image }) => lines(image?.ancestorImageIds ?? [])),
	leaf("meta-data/autoscaling/target-lifecycle-state", "2021-07-15", ({ instance }) => instance.autoScalingTargetState, live),
	leafOfEach("meta-data/block-device-mapping/{device}", "2007-12-15", {
		of: blockDevices,
		names: ({ name }) => [name],
		value: ({ device }) => device,
	}),
	// AWS: the documents of the two retired accelerators are from a Windows guide and a mock; no capture exists.
	leafOfEach("meta-data/elastic-gpus/associations/{egpuId}", "2018-03-28", {
		of: ({ instance }) => instance.elasticGpus,
		names: ({ elasticGpuId }) => [elasticGpuId],
		value: ({ elasticGpuId, elasticGpuType, ipv4Address, port }) =>
			JSON.stringify({
				version_2016_11_30: {
					"elastic-gpu-id": elasticGpuId,
					"connection-config": { "ipv4-address": ipv4Address, port },
					"elastic-gpu-type": elasticGpuType,
				},
			}),
	}),
	leafOfEach("meta-data/elastic-inference/associations/{eiaId}", "2019-10-01", {
		of: ({ instance }) => instance.elasticInferenceAccelerators,
		names: ({ elasticInferenceAcceleratorId }) => [elasticInferenceAcceleratorId],
		value: ({ elasticInferenceAcceleratorId, elasticInferenceAcceleratorType }) =>
			JSON.stringify({
				version_2018_04_12: {
					"elastic-inference-accelerator-id": elasticInferenceAcceleratorId,
					"elastic-inference-accelerator-type": elasticInferenceAcceleratorType,
				},
			}),
	}),
	leaf("meta-data/events/maintenance/history", "2018-08-17", ({ instance }) => scheduledEvents(instance, "past"), live),
	leaf("meta-data/events/maintenance/scheduled", "2018-08-17", ({ instance }) => scheduledEvents(instance, "active"), live),
	leaf("meta-data/events/recommendations/rebalance", "2020-10-27", rebalanceNotice, live),
	// Quirk: EC2 documents no version for the leaves of "latest" here, so only the version that shows everything has them.
	leaf("meta-data/hibernation/configured", "latest", ({ instance }) => instance.hibernationConfigured?.toString()),
	leaf("meta-data/hostname", "1.0", ofDevice0(localHostname)),
	leaf("meta-data/iam/info", "2012-01-12", profileInfo, ofRole),
	leafOfEach("meta-data/iam/security-credentials/{role}", "2012-01-12", {
		of: ({ role }) => (role === undefined ? [] : [role]),
		names: ({ roleName }) => [roleName],
		value: roleCredentials,
		traits: (view) => ({ ...ofRole(view), deferred: true, byDelivery: true }),
	}),
	leaf("meta-data/identity-credentials/ec2/info", "2018-08-17", identityInfo, ofIdentityRole),
	leaf("meta-data/identity-credentials/ec2/security-credentials/ec2-instance", "2018-08-17", identityRole, (view) => ({
		...ofIdentityRole(view),
		deferred: true,
		byDelivery: true,
	})),
	leaf("meta-data/instance-action", "2008-09-01", ({ instance }) => instance.instanceAction, live),
	leaf("meta-data/instance-id", "1.0", ({ instance }) => instance.instanceId),
	leaf("meta-data/instance-life-cycle", "2019-10-01", ({ instance }) => instance.instanceLifecycle),
	leaf("meta-data/instance-type", "2007-08-29", ({ instance }) => instance.instanceType),
	leaf("meta-data/ipv6", "2021-01-03", ({ interfaces }) => interfaces[0]?.ipv6Addresses[0], live),
	leaf("meta-data/kernel-id", "2008-02-01", ({ instance }) => instance.kernelId),
	leaf("meta-data/local-hostname", "2007-01-19", ofDevice0(localHostname)),
	leaf("meta-data/local-ipv4", "1.0", ({ interfaces }) => interfaces[0]?.privateIpAddresses[0]?.privateIpAddress),
	leaf("meta-data/mac", "2011-01-01", ({ interfaces }) => interfaces[0]?.macAddress),
	// Quirk: a leaf, although clients ask for it with a closing slash; listed without one, a crawl can read it.
	leafOfEach("meta-data/managed-ssh-keys/active-keys/{user}", "latest", {
		of: ({ instance, nowMs }) => (instance.managedSshKeys?.activeKeys ?? []).filter(({ expiresAt }) => epochMs(expiresAt) > nowMs),
		names: ({ user }) => [user],
		// Files that these come from end with a newline, values here do not (§1.7).
		value: ({ key }) => key.trimEnd(),
		traits: live,
	}),
	leaf("meta-data/managed-ssh-keys/signer-cert", "latest", ({ instance }) => instance.managedSshKeys?.signerCert.trimEnd(), live),
	leafOfEach("meta-data/managed-ssh-keys/signer-ocsp/{fingerprint}", "latest", {
		of: ({ instance }) => instance.managedSshKeys?.signerOcsp ?? [],
		names: ({ fingerprint }) => [fingerprint],
		value: ({ response }) => response,
		traits: live,
	}),
	// AWS: exactly the prolog and nothing else, in every capture up to 2023.
	leaf("meta-data/metrics/vhostmd", "2011-05-01", () => '<?xml version="1.0" encoding="UTF-8"?>'),

	leafOfInterface("device-number", "2011-01-01", ({ deviceIndex }) => String(deviceIndex)),
	leafOfInterface("interface-id", "2011-01-01", ({ networkInterfaceId }) => networkInterfaceId),
	leafOfEach("meta-data/network/interfaces/macs/{mac}/ipv4-associations/{publicIp}", "2011-01-01", {
		of: ({ interfaces }) =>
			interfaces.flatMap(({ macAddress, privateIpAddresses }) =>
				privateIpAddresses.flatMap(({ privateIpAddress, publicIp }) =>
					publicIp === undefined ? [] : [{ macAddress, publicIp, privateIpAddress }],
				),
			),
		names: ({ macAddress, publicIp }) => [macAddress, publicIp],
		value: ({ privateIpAddress }) => privateIpAddress,
		traits: live,
	}),
	leafOfInterface("ipv4-prefix", "2021-07-15", ({ ipv4Prefixes }) => lines(ipv4Prefixes)),
	leafOfInterface("ipv6-prefix", "2021-07-15", ({ ipv6Prefixes }) => lines(ipv6Prefixes)),
	leafOfInterface("ipv6s", "2016-06-30", ({ ipv6Addresses }) => lines(ipv6Addresses)),
	// Quirk: documented since 2007-01-19, four years before the directory that it stands in; a listing can't show it alone.
	leafOfInterface("local-hostname", "2011-01-01", (attached, view) => localHostname(view, attached)),
	leafOfInterface("local-ipv4s", "2011-01-01", (attached) =>
		lines(attached.privateIpAddresses.map(({ privateIpAddress }) => privateIpAddress)),
	),
	leafOfInterface("mac", "2011-01-01", ({ macAddress }) => macAddress),
	leafOfInterface("network-card", "2021-01-03", ({ networkCardIndex }) => String(networkCardIndex)),
	leafOfInterface("network-card-index", "2021-01-03", ({ networkCardIndex }) => String(networkCardIndex)),
	leafOfInterface("owner-id", "2011-01-01", (_, { account }) => account.accountId),
	leafOfInterface("public-hostname", "2011-01-01", (attached, view) => publicHostname(view, attached)),
	leafOfInterface("public-ipv4s", "2011-01-01", ({ privateIpAddresses }) =>
		lines(privateIpAddresses.flatMap(({ publicIp }) => publicIp ?? [])),
	),
	leafOfInterface("security-group-ids", "2011-01-01", ({ groups }) => lines(groups.map(({ groupId }) => groupId))),
	leafOfInterface("security-groups", "2011-01-01", ({ groups }) => lines(groups.map(({ groupName }) => groupName))),
	leafOfInterface("subnet-id", "2011-01-01", ({ subnetId }) => subnetId),
	leafOfInterface("subnet-ipv4-cidr-block", "2011-01-01", ({ subnet }) => subnet.cidrBlock),
	leafOfInterface("subnet-ipv6-cidr-blocks", "2016-06-30", ({ subnet }) => lines(subnet.ipv6CidrBlocks)),
	leafOfInterface("vpc-id", "2011-01-01", ({ vpc }) => vpc.vpcId),
	leafOfInterface("vpc-ipv4-cidr-block", "2011-01-01", ({ vpc }) => vpc.cidrBlocks[0]),
	leafOfInterface("vpc-ipv4-cidr-blocks", "2016-06-30", ({ vpc }) => lines(vpc.cidrBlocks)),
	leafOfInterface("vpc-ipv6-cidr-blocks", "2016-06-30", ({ vpc }) => lines(vpc.ipv6CidrBlocks)),

	leaf("meta-data/outpost-arn", "latest", ({ instance }) => instance.placement.outpostArn),
	leaf("meta-data/placement/availability-zone", "2008-02-01", ({ instance }) => instance.placement.availabilityZone),
	leaf("meta-data/placement/availability-zone-id", "2019-10-01", ({ instance }) => zoneIdOf(instance.placement.availabilityZone)),
	leaf("meta-data/placement/group-name", "2020-10-27", ({ instance }) => instance.placement.groupName),
	leaf("meta-data/placement/host-id", "2020-10-27", ({ instance }) => instance.placement.hostId),
	leaf("meta-data/placement/partition-number", "2020-10-27", ({ instance }) => instance.placement.partitionNumber?.toString()),
	leaf("meta-data/placement/region", "2020-10-27", ({ account }) => account.region),
	leaf("meta-data/product-codes", "2007-03-01", ({ instance }) => lines(instance.productCodes)),
	// AWS: undocumented; the oldest tree it was seen in is that of 2016-09-02 (capture C11).
	leaf("meta-data/profile", "2016-09-02", ({ image }) =>
		image?.virtualizationType === "paravirtual" ? "default-paravirtual" : "default-hvm",
	),
	leaf("meta-data/public-hostname", "2007-01-19", ofDevice0(publicHostname), live),
	leaf("meta-data/public-ipv4", "2007-01-19", ({ interfaces }) => interfaces[0]?.privateIpAddresses[0]?.publicIp, live),
	leafOfEach("meta-data/public-keys/{keyIndex}/openssh-key", "1.0", {
		of: ({ keyPairs }) => keyPairs.map((keyPair, index) => ({ ...keyPair, index })),
		// AWS: the listing names the key, the path has its index only (§1.7).
		names: ({ index, keyName }) => [{ segment: String(index), listedAs: `${index}=${keyName}` }],
		// AWS: the only common leaf that ends with a newline (capture C8).
		value: ({ publicKey }) => `${publicKey}\n`,
	}),
	leaf("meta-data/ramdisk-id", "2007-10-10", ({ instance }) => instance.ramdiskId),
	leaf("meta-data/reservation-id", "1.0", ({ instance }) => instance.reservationId),
	leaf("meta-data/security-groups", "1.0", ({ interfaces }) => lines(interfaces[0]?.groups.map(({ groupName }) => groupName) ?? []), live),
	leaf("meta-data/services/domain", "2014-02-25", ({ account }) => partitionOf(account.region).dnsSuffix),
	leaf("meta-data/services/partition", "2015-10-20", ({ account }) => partitionOf(account.region).partition),
	leaf("meta-data/spot/instance-action", "2018-03-28", spotInstanceAction, live),
	leaf("meta-data/spot/termination-time", "2014-11-05", spotTerminationTime, live),
	leaf("meta-data/system", "2022-09-24", ({ instance }) => instance.system),
	leafOfEach("meta-data/tags/instance/{tag}", "2021-03-23", {
		of: ({ instance }) => (instance.appliedMetadataOptions.instanceMetadataTags === "enabled" ? instance.tags : []),
		names: ({ key }) => [key],
		value: ({ value }) => value,
		traits: (view) => ({ ...live(view), mayBeEmpty: true }),
	}),

	leaf("dynamic/fws/instance-monitoring", "2009-04-04", ({ instance }) => instance.monitoring),
	leaf("dynamic/instance-identity/document", "2009-04-04", documentText),
	leaf("dynamic/instance-identity/pkcs7", "2009-04-04", pkcs7Text, ({ identityKeys }) => ({ deferred: identityKeys.pkcs7 !== undefined })),
	leaf("dynamic/instance-identity/rsa2048", "2009-04-04", rsa2048Text, { deferred: true }),
	leaf("dynamic/instance-identity/signature", "2009-04-04", signatureText, ({ identityKeys }) => ({
		deferred: identityKeys.signature !== undefined,
	})),
];

function ofDevice0(nameOf: (view: View, attached: AttachedInterface) => string | undefined) {
	return (view: View) => (view.interfaces[0] === undefined ? undefined : nameOf(view, view.interfaces[0]));
}

function rebalanceNotice({ instance: { rebalanceRecommendation } }: View): string | undefined {
	return rebalanceRecommendation && `{"noticeTime": "${rebalanceRecommendation.noticeTime}"}`;
}

function spotInstanceAction({ instance: { spotInterruption } }: View): string | undefined {
	return spotInterruption && `{"action": "${spotInterruption.action}", "time": "${spotInterruption.time}"}`;
}

// AWS: only for an instance that EC2 will terminate; a stop or hibernation shows instance-action alone (§5.1).
function spotTerminationTime({ instance: { spotInterruption } }: View): string | undefined {
	return spotInterruption?.action === "terminate" ? spotInterruption.time : undefined;
}
