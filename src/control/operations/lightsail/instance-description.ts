// An instance as GetInstance shows it (control-apis.md §2.11).

import { metadataOptionsState, STATE_CODES } from "../../../model/instance.ts";
import { LIGHTSAIL_BLUEPRINTS, type LightsailBlueprint } from "../../../model/lightsail-blueprints.ts";
import { LIGHTSAIL_BUNDLES, type LightsailBundle } from "../../../model/lightsail-bundles.ts";
import { epochMs } from "../../../model/timestamp.ts";
import { describedTags } from "../../instance-endpoint.ts";
import type * as lightsail from "../../models/lightsail.ts";
import type { Call } from "../../operation.ts";
import { instanceArn, type LightsailInstance } from "./instance-lookup.ts";
import { locationOf } from "./location.ts";

/** AWS: the key pair of instances that name none; each Region has one. */
const DEFAULT_KEY_PAIR = "LightsailDefaultKeyPair";

/** AWS: those of a general-purpose volume: three a GB, a hundred at least. */
const IOPS_PER_GB = 3;
const IOPS_MIN = 100;

/** All that is told of an instance. */
export function describeInstance(instance: LightsailInstance, call: Call): lightsail.Instance {
	const { name, blueprintId, bundleId, createdAt, ipAddressType } = instance.lightsail;
	const blueprint = LIGHTSAIL_BLUEPRINTS.get(blueprintId);
	const bundle = LIGHTSAIL_BUNDLES.get(bundleId);
	const [primary] = instance.networkInterfaces;
	const address = primary?.privateIpAddresses[0];
	return {
		...(instance.described as Pick<lightsail.Instance, "addOns"> | undefined),
		name,
		arn: instanceArn(instance.instanceId, call),
		supportCode: `${call.account.accountId}/${instance.instanceId}`,
		createdAt: new Date(epochMs(createdAt)),
		location: locationOf(instance.placement.availabilityZone, call),
		resourceType: "Instance",
		tags: describedTags(instance),
		blueprintId,
		blueprintName: blueprint?.name,
		bundleId,
		// Gap: there are no static addresses.
		isStaticIp: false,
		privateIpAddress: address?.privateIpAddress,
		publicIpAddress: address?.publicIp,
		ipv6Addresses: primary?.ipv6Addresses ?? [],
		ipAddressType: ipAddressType ?? "dualstack",
		hardware: bundle && hardwareOf(instance, bundle),
		networking: {
			monthlyTransfer: { gbPerMonthAllocated: bundle?.transferPerMonthInGb },
			ports: blueprint && openPorts(blueprint).map((port) => describePort(port, ipAddressType)),
		},
		state: describeState(instance),
		username: blueprint?.username,
		sshKeyName: instance.keyNames[0] ?? DEFAULT_KEY_PAIR,
		metadataOptions: describeOptions(instance),
	};
}

export function describeState({ state }: LightsailInstance): lightsail.InstanceState {
	return { code: STATE_CODES[state], name: state };
}

/** Quirk: nothing boots here, so what runs is `ok` at once, and only what is about to run is `initializing`. */
export function describeHealth({ state }: LightsailInstance): Pick<lightsail.Instance, "instanceStatus" | "systemStatus"> {
	const health = healthOf(state);
	return { instanceStatus: health, systemStatus: health };
}

function healthOf(state: LightsailInstance["state"]): lightsail.InstanceHealthStatus {
	if (state === "running") return { status: "ok", details: [{ name: "reachability", status: "passed" }] };
	if (state === "pending") return { status: "initializing", details: [{ name: "reachability", status: "initializing" }] };
	return { status: "not-applicable" };
}

/** What was asked for, and whether it has reached the instance. */
function describeOptions(instance: LightsailInstance): lightsail.InstanceMetadataOptions {
	const { httpTokens, httpEndpoint, httpPutResponseHopLimit, httpProtocolIpv6 } = instance.metadataOptions;
	return { state: metadataOptionsState(instance), httpTokens, httpEndpoint, httpPutResponseHopLimit, httpProtocolIpv6 };
}

function hardwareOf(instance: LightsailInstance, { cpuCount, diskSizeInGb, ramSizeInGb }: LightsailBundle): lightsail.InstanceHardware {
	const { name, createdAt } = instance.lightsail;
	const disk: lightsail.Disk = {
		createdAt: new Date(epochMs(createdAt)),
		sizeInGb: diskSizeInGb,
		isSystemDisk: true,
		iops: Math.max(IOPS_MIN, IOPS_PER_GB * diskSizeInGb),
		path: instance.blockDeviceMappings[0]?.deviceName ?? "/dev/xvda",
		attachedTo: name,
		attachmentState: "attached",
	};
	return { cpuCount, disks: [disk], ramSizeInGb };
}

/** AWS: the firewall of a new instance: web and shell, or remote desktop; and TLS where a web application is. */
function openPorts({ platform, type }: LightsailBlueprint): readonly number[] {
	return [80, platform === "WINDOWS" ? 3389 : 22, ...(type === "app" ? [443] : [])];
}

/** Gap: nothing opens or closes ports; what is shown is what a new instance has. */
function describePort(port: number, ipAddressType: "ipv4" | "ipv6" | undefined): lightsail.InstancePortInfo {
	return {
		fromPort: port,
		toPort: port,
		protocol: "tcp",
		accessFrom: ipAddressType === "ipv6" ? "Anywhere (::/0)" : "Anywhere (0.0.0.0/0)",
		accessType: "Public",
		commonName: "",
		accessDirection: "inbound",
		cidrs: ipAddressType === "ipv6" ? [] : ["0.0.0.0/0"],
		ipv6Cidrs: ipAddressType === "ipv4" ? [] : ["::/0"],
		cidrListAliases: [],
	};
}
