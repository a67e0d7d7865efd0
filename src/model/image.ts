/** The processor architectures of EC2's API. */
export const ARCHITECTURES = ["x86_64", "arm64", "i386", "x86_64_mac", "arm64_mac"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** A device of an instance: an EBS volume, or with a `virtualName` such as `ephemeral0` or `swap` something local. */
export interface BlockDeviceMapping {
	readonly deviceName: string;
	readonly virtualName?: string;
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
}
