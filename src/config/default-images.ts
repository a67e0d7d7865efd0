import { derivedId } from "../model/ids.ts";
import type { Image } from "../model/image.ts";
import type { Timestamp } from "../model/timestamp.ts";

/** The images that are always there: Amazon Linux 2023, and one of the time before `imdsSupport`. */
export const DEFAULT_IMAGES: readonly [Image, Image] = [
	// AWS: images of Amazon Linux 2023 carry v2.0 (control-apis.md §1.5).
	{ ...defaultImage("al2023-ami-2023.0.20230315.0-kernel-6.1-x86_64", "2023-03-15T00:00:00Z"), imdsSupport: "v2.0" },
	defaultImage("amzn2-ami-hvm-2.0.20230307.0-x86_64-gp2", "2023-03-07T00:00:00Z"),
];

/**
 * The image of instances that name none.
 *
 * Quirk: not that of Amazon Linux 2023: without a word about tokens, IMDSv1 should work, as it does in most guides.
 */
export const DEFAULT_IMAGE_ID = DEFAULT_IMAGES[1].imageId;

function defaultImage(name: string, creationDate: Timestamp): Image {
	return {
		imageId: derivedId("ami", name),
		name,
		architecture: "x86_64",
		rootDeviceName: "/dev/xvda",
		blockDeviceMappings: [{ deviceName: "/dev/xvda" }],
		virtualizationType: "hvm",
		productCodes: [],
		billingProducts: [],
		ancestorImageIds: [],
		creationDate,
		ownerAlias: "amazon",
	};
}
