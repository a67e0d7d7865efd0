import type { EndpointBinding } from "./endpoint-binding.ts";
import type { BlockDeviceMapping } from "./image.ts";
import type { MetadataOptions } from "./metadata-options.ts";
import type { NetworkInterface } from "./network.ts";
import { privateDnsSuffix } from "./region.ts";
import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** The states of EC2's API, in the order of a life. */
export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** AWS: the low byte of a state's code; the high one is for internal use. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
	pending: 0,
	running: 16,
	"shutting-down": 32,
	terminated: 48,
	stopping: 64,
	stopped: 80,
};

/** An instance: its own facts only. What follows from its image, subnet or profile is looked up there, never copied. */
export interface Instance {
	readonly instanceId: string;
	readonly state: InstanceState;
	/** Bound into every session token; a new number ends all tokens issued before (on stop and terminate). */
	readonly tokenGeneration: number;
	readonly imageId: string;
	readonly instanceType: string;
	/** The last transition to `pending`: `pendingTime` of the identity document. */
	readonly launchTime: Timestamp;
	/** The last change of anything here. */
	readonly lastModifiedTime: Timestamp;
	/** Why it is in its state, where somebody or something brought it there. */
	readonly stateTransition?: StateTransition;
	readonly reservationId: string;
	readonly amiLaunchIndex: number;
	readonly placement: Placement;
	readonly hostnameType: "ip-name" | "resource-name";
	/** What was asked for, and what the endpoint enforces; they may differ while a change is `pending`. */
	readonly metadataOptions: MetadataOptions;
	readonly appliedMetadataOptions: MetadataOptions;
	/** Whether what was asked for has yet to reach the instance (control-apis.md §1.2); missing: it has. */
	readonly metadataOptionsPending?: true;
	readonly tags: readonly Tag[];
	readonly iamInstanceProfile?: ProfileAssociation;
	readonly keyNames: readonly string[];
	readonly networkInterfaces: readonly NetworkInterface[];
	/** Base64, as the API carries it. */
	readonly userData?: string;
	readonly blockDeviceMappings: readonly BlockDeviceMapping[];
	readonly system: "nitro" | "xen" | "xen-on-nitro";
	readonly kernelId?: string;
	readonly ramdiskId?: string;
	readonly productCodes: readonly string[];
	readonly instanceLifecycle: "on-demand" | "spot" | "scheduled" | "capacity-block";
	/** Of a Spot Instance; missing: `one-time`. */
	readonly spotInstanceType?: "one-time" | "persistent";
	readonly instanceAction: "none" | "shutdown" | "bundle-pending";
	readonly spotInterruption?: SpotInterruption;
	readonly rebalanceRecommendation?: { readonly noticeTime: Timestamp };
	readonly scheduledEvents: readonly ScheduledEvent[];
	readonly autoScalingTargetState?: string;
	readonly hibernationConfigured?: boolean;
	readonly monitoring?: "enabled" | "disabled";
	readonly elasticGpus: readonly ElasticGpu[];
	readonly elasticInferenceAccelerators: readonly ElasticInferenceAccelerator[];
	readonly managedSshKeys?: ManagedSshKeys;
	/** `HOST:PORT` or `unix:PATH` of the listeners that are this instance's own. */
	readonly endpointListen: readonly string[];
	/** How it is told from others where listeners are not its own. */
	readonly endpointBindings: readonly EndpointBinding[];
	/** The token that made its launch idempotent. */
	readonly clientToken?: string;
	readonly disableApiTermination?: boolean;
	readonly disableApiStop?: boolean;
	/** Missing: `stop`. */
	readonly instanceInitiatedShutdownBehavior?: "stop" | "terminate";
	/** What has no effect here but is shown by the APIs as it was given, by the names that DescribeInstances has for it. */
	readonly described?: Readonly<Record<string, unknown>>;
	/** Of an instance of Amazon Lightsail: its API alone knows of it, and EC2's do not. */
	readonly lightsail?: LightsailFacts;
}

/** What Lightsail knows of an instance and EC2 has no word for. What follows from blueprint and bundle is in their tables. */
export interface LightsailFacts {
	readonly name: string;
	readonly blueprintId: string;
	readonly bundleId: string;
	/** Missing: `dualstack`. */
	readonly ipAddressType?: "ipv4" | "ipv6";
	/** The launch time is that of the last start. */
	readonly createdAt: Timestamp;
	/** The operation that last changed the state: it is under way for as long as the state is. */
	readonly operationId?: string;
}

/** The last change of state: when, and the reason that the APIs show. */
export interface StateTransition {
	readonly time: Timestamp;
	readonly code: string;
	readonly message: string;
}

/** An instance's hold of its profile. */
export interface ProfileAssociation {
	readonly arn: string;
	readonly associatedAt: Timestamp;
	/** `iip-assoc-…`; missing: it follows from the instance's id. */
	readonly associationId?: string;
}

export interface Placement {
	readonly availabilityZone: string;
	readonly groupName?: string;
	readonly partitionNumber?: number;
	readonly hostId?: string;
	readonly outpostArn?: string;
	readonly tenancy?: "default" | "dedicated" | "host";
}

/** The two-minute notice (metadata-endpoint.md §5.1). */
export interface SpotInterruption {
	readonly action: "terminate" | "stop" | "hibernate";
	readonly time: Timestamp;
}

/** A maintenance event (metadata-endpoint.md §5.3): active, or in the history. */
export interface ScheduledEvent {
	readonly eventId: string;
	readonly code: "instance-reboot" | "system-reboot" | "system-maintenance" | "instance-retirement" | "instance-stop";
	readonly description: string;
	readonly notBefore: Timestamp;
	readonly notAfter?: Timestamp;
	readonly notBeforeDeadline?: Timestamp;
	readonly state: "active" | "completed" | "canceled";
}

export interface ElasticGpu {
	readonly elasticGpuId: string;
	readonly elasticGpuType: string;
	readonly ipv4Address: string;
	readonly port: number;
}

export interface ElasticInferenceAccelerator {
	readonly elasticInferenceAcceleratorId: string;
	readonly elasticInferenceAcceleratorType: string;
}

/** EC2 Instance Connect: the signer's certificate chain, its OCSP answers, and the keys pushed within the last minute. */
export interface ManagedSshKeys {
	readonly signerCert: string;
	readonly signerOcsp: readonly { readonly fingerprint: string; readonly response: string }[];
	readonly activeKeys: readonly { readonly user: string; readonly key: string; readonly expiresAt: Timestamp }[];
}

/**
 * The private DNS name of an interface.
 *
 * AWS: IP-based where there is an IPv4 address and nothing else was chosen; resource-based otherwise (capture C11).
 */
export function privateDnsName(
	{ instanceId, hostnameType }: Pick<Instance, "instanceId" | "hostnameType">,
	{ privateIpAddresses }: Pick<NetworkInterface, "privateIpAddresses">,
	region: string,
): string {
	const [primary] = privateIpAddresses;
	const host = hostnameType === "ip-name" && primary !== undefined ? `ip-${primary.privateIpAddress.replaceAll(".", "-")}` : instanceId;
	return `${host}.${privateDnsSuffix(region)}`;
}

/** `applied` once what was asked for has reached the instance (control-apis.md §1.2). */
export function metadataOptionsState({ metadataOptionsPending }: Pick<Instance, "metadataOptionsPending">): "pending" | "applied" {
	return metadataOptionsPending === true ? "pending" : "applied";
}

/** Whether time alone will change it: a state or options on their way, or its end, after which it is forgotten. */
export function isUnderWay({ state, metadataOptionsPending }: Pick<Instance, "state" | "metadataOptionsPending">): boolean {
	return state === "running" ? metadataOptionsPending === true : state !== "stopped";
}

/** Whether the metadata endpoint answers for an instance in this state. */
export function reachesMetadata(state: InstanceState): boolean {
	return state === "pending" || state === "running" || state === "stopping" || state === "shutting-down";
}
