// Images, snapshots and key pairs of a configuration file.

import * as v from "valibot";
import { ARCHITECTURES } from "../model/image.ts";
import { recordKey } from "../model/records.ts";
import { TAGS } from "./declared-tags.ts";
import { consistent, distinct, fields, flag, id, integer, list, matching, oneOf, optional, required, text } from "./field.ts";

/** The store's bound on keys, less the room for the kind of record. */
const STORED_NAME_MAX_BYTES = 500;

const deviceName = matching(/^(\/dev\/)?[A-Za-z][0-9A-Za-z]{0,31}$/, "a device's name, such as /dev/xvda, /dev/sda1 or sdb");

const SNAPSHOT_ID = id("snap");
/** AWS: the largest volume there is, io2 Block Express (EBS user guide, "Constraints on volumes"). */
const VOLUME_SIZE = integer(1, 65_536);

/** Devices of an image or an instance. */
export const BLOCK_DEVICES = v.pipe(
	list(
		v.pipe(
			fields({
				deviceName: required(deviceName, "The device."),
				virtualName: optional(
					matching(/^(ephemeral(1?\d|2[0-3])|swap)$/, "ephemeral0 to ephemeral23, swap"),
					"A local device. Missing: an EBS volume.",
				),
				ebs: optional(
					fields({
						snapshotId: optional(SNAPSHOT_ID, "The snapshot that the volume is made of."),
						volumeSizeGib: optional(VOLUME_SIZE, "Its size in GiB."),
						volumeType: optional(oneOf("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"), "Its type."),
						encrypted: optional(flag(), "Whether it is encrypted."),
						deleteOnTermination: optional(flag(), "Whether it goes with its instance. Default: true."),
					}),
					"The EBS volume, as the APIs show it.",
				),
			}),
			consistent(({ virtualName, ebs }) =>
				virtualName === undefined || ebs === undefined
					? []
					: [{ path: ["ebs"], message: "may not be given beside virtualName; leave out one of them" }],
			),
		),
		100,
	),
	distinct("deviceName"),
	distinct("virtualName"),
);

export const KERNEL_ID = id("aki");
export const RAMDISK_ID = id("ari");
export const PRODUCT_CODES = list(matching(/^[0-9A-Za-z]{1,64}$/, "letters and digits"), 50);

export const IMAGE = fields({
	imageId: required(id("ami"), "The id that instances name."),
	name: optional(text(128), "The image's name. Default: its id."),
	description: optional(text(255), "What it is for."),
	architecture: optional(
		oneOf(...ARCHITECTURES),
		"The processor architecture, as the instance identity document shows it. Default: x86_64.",
	),
	rootDeviceName: optional(deviceName, "The root device. Default: /dev/xvda."),
	blockDeviceMappings: optional(BLOCK_DEVICES, "The devices of instances that name none. Default: the root device."),
	virtualizationType: optional(oneOf("hvm", "paravirtual"), "The kind of virtualization. Default: hvm."),
	imdsSupport: optional(oneOf("v2.0"), "If given, launches default to tokens required and a hop limit of 2."),
	kernelId: optional(KERNEL_ID, "The kernel of a paravirtual image."),
	ramdiskId: optional(RAMDISK_ID, "The RAM disk of a paravirtual image."),
	productCodes: optional(PRODUCT_CODES, "AWS Marketplace product codes. Default: none."),
	billingProducts: optional(
		list(matching(/^bp-[0-9A-Za-z]{1,64}$/, '"bp-" and letters or digits'), 50),
		"Billing products, as the instance identity document shows them. Default: none.",
	),
	manifestPath: optional(text(1_024), "Where the manifest of an instance-store image is. Default: (unknown)."),
	ancestorImageIds: optional(list(id("ami"), 50), "The images that an instance-store image was made from. Default: none."),
	tags: optional(TAGS, "Tags; `{team: a}` is short for `[{key: team, value: a}]`."),
});

export const SNAPSHOT = fields({
	snapshotId: required(SNAPSHOT_ID, "The id that the devices of images name."),
	volumeSizeGib: optional(VOLUME_SIZE, "The size of its volume in GiB. Default: 8."),
	description: optional(text(255), "What it is of."),
	encrypted: optional(flag(), "Whether it is encrypted. Default: false."),
	tags: optional(TAGS, "Tags; `{team: a}` is short for `[{key: team, value: a}]`."),
});

export const KEY_NAME = v.pipe(
	matching(/^(?! )[ -~]{1,255}(?<! )$/, "1 to 255 printable ASCII characters, no space at either end"),
	v.check(
		(name) => recordKey("key-pair", name).length <= STORED_NAME_MAX_BYTES,
		`a shorter name: ${STORED_NAME_MAX_BYTES} bytes, where all but letters, digits and _.:@- take three`,
	),
);

export const KEY_PAIR = fields({
	keyName: required(KEY_NAME, "What an instance's keyName names."),
	publicKey: required(
		v.pipe(
			matching(
				/^[a-z][0-9a-z@.-]{2,63} [A-Za-z0-9+/]{16,16384}={0,2}( [^\p{Cc}\u2028\u2029\ud800-\udfff]{1,256})?\n?$/u,
				"a public key on one line, such as ssh-ed25519 AAAA… name",
			),
			// A block of YAML ends with a newline.
			v.transform((key) => key.trimEnd()),
		),
		"The public half, as in id_ed25519.pub.",
	),
});
