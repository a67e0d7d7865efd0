/** The processor architectures of EC2's API. */
export const ARCHITECTURES = ["x86_64", "arm64", "i386", "x86_64_mac", "arm64_mac"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** A device of an instance: an EBS volume, or with a `virtualName` such as `ephemeral0` or `swap` something local. */
export interface BlockDeviceMapping {
	readonly deviceName: string;
	readonly virtualName?: string;
	/** What is known of the EBS volume. */
	readonly ebs?: EbsBlockDevice;
	/** Of the volume. */
	readonly tags?: readonly Tag[];
}

export interface EbsBlockDevice {
	readonly snapshotId?: string;
	readonly volumeSizeGib?: number;
	readonly volumeType?: string;
	readonly iops?: number;
	readonly throughput?: number;
	readonly encrypted?: boolean;
	readonly kmsKeyId?: string;
	/** Missing: true. */
	readonly deleteOnTermination?: boolean;
}

/** An Amazon Machine Image, as far as an instance launched from it can see. */
export interface Image {
	readonly imageId: string;
	readonly name: string;
	readonly architecture: Architecture;
	readonly rootDeviceName: string;
	readonly blockDeviceMappings: readonly BlockDeviceMapping[];
	readonly virtualizationType: "hvm" | "paravirtual";
	/** Irrevocable once set: launches default to tokens required and a hop limit of 2. */
	readonly imdsSupport?: "v2.0";
	readonly kernelId?: string;
	readonly ramdiskId?: string;
	readonly productCodes: readonly string[];
	readonly billingProducts: readonly string[];
	/** Instance-store images only: where the manifest is, and the images it was made from. */
	readonly manifestPath?: string;
	readonly ancestorImageIds: readonly string[];
	readonly description?: string;
	readonly creationDate?: Timestamp;
	/** Missing: the account's own. */
	readonly ownerAlias?: "amazon";
	/** Who may launch it beside its owner: account ids, or `all`. */
	readonly launchPermissions?: readonly string[];
	/** The instance or image that it was made from. */
	readonly sourceInstanceId?: string;
	readonly sourceImageId?: string;
	/** When it was deregistered: nothing can be launched from it, but what was still names it. */
	readonly deregisteredAt?: Timestamp;
	readonly deregistrationProtection?: boolean;
	readonly lastLaunchedTime?: Timestamp;
	readonly tags?: readonly Tag[];
	/** What has no effect here but is shown by the APIs as it was given, by the names that DescribeImages has for it. */
	readonly described?: Readonly<Record<string, unknown>>;
}

/** A copy of a volume; images are made of them. */
export interface Snapshot {
	readonly snapshotId: string;
	readonly startTime: Timestamp;
	readonly volumeId: string;
	readonly volumeSizeGib: number;
	readonly description: string;
	readonly encrypted?: boolean;
	readonly tags?: readonly Tag[];
}
