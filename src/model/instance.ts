import type { EndpointBinding } from "./endpoint-binding.ts";
import type { BlockDeviceMapping } from "./image.ts";
import type { MetadataOptions } from "./metadata-options.ts";
import type { NetworkInterface } from "./network.ts";
import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** The states of EC2's API, in the order of a life. */
export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

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
	readonly reservationId: string;
	readonly amiLaunchIndex: number;
	readonly placement: Placement;
	readonly hostnameType: "ip-name" | "resource-name";
	/** What was asked for, and what the endpoint enforces; they differ while a change is `pending`. */
	readonly metadataOptions: MetadataOptions;
	readonly appliedMetadataOptions: MetadataOptions;
	readonly tags: readonly Tag[];
	readonly iamInstanceProfile?: { readonly arn: string; readonly associatedAt: Timestamp };
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
}

export interface Placement {
	readonly availabilityZone: string;
	readonly groupName?: string;
	readonly partitionNumber?: number;
	readonly hostId?: string;
	readonly outpostArn?: string;
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

/** Whether the metadata endpoint answers for an instance in this state. */
export function reachesMetadata(state: InstanceState): boolean {
	return state === "pending" || state === "running" || state === "stopping" || state === "shutting-down";
}
