// Images and key pairs of a configuration file.

import * as v from "valibot";
import { ARCHITECTURES } from "../model/image.ts";
import { recordKey } from "../model/records.ts";
import { distinct, fields, id, list, matching, oneOf, optional, required, text } from "./field.ts";

/** The store's bound on keys, less the room for the kind of record. */
const STORED_NAME_MAX_BYTES = 500;

const deviceName = matching(/^(\/dev\/)?[A-Za-z][0-9A-Za-z]{0,31}$/, "a device's name, such as /dev/xvda, /dev/sda1 or sdb");

/** Devices of an image or an instance. */
export const BLOCK_DEVICES = v.pipe(
	list(
		fields({
			deviceName: required(deviceName, "The device."),
			virtualName: optional(
				matching(/^(ephemeral(1?\d|2[0-3])|swap)$/, "ephemeral0 to ephemeral23, swap"),
				"A local device. Missing: an EBS volume.",
			),
		}),
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
