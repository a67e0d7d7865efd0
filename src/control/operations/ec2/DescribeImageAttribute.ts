import type { Image } from "../../../model/image.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { describeImage, describedPermissions } from "./images/image-description.ts";
import { ownImageOf } from "./images/image-lookup.ts";

/** One attribute of an image of the account's own; an empty element where it is unset (control-apis.md §2.7). */
export const DescribeImageAttribute: Ec2Operation<"DescribeImageAttribute"> = {
	run({ ImageId, Attribute }, call) {
		return { ImageId, ...attributeOf(Attribute, ownImageOf(ImageId, call), call) };
	},
};

function attributeOf(name: ec2.ImageAttributeName, image: Image, call: Call): ec2.ImageAttribute {
	const described = describeImage(image, call);
	switch (name) {
		case "blockDeviceMapping":
			return { BlockDeviceMappings: described.BlockDeviceMappings };
		case "bootMode":
			return { BootMode: { Value: described.BootMode } };
		case "deregistrationProtection":
			return { DeregistrationProtection: { Value: described.DeregistrationProtection } };
		case "description":
			return { Description: { Value: described.Description } };
		case "imdsSupport":
			return { ImdsSupport: { Value: described.ImdsSupport } };
		case "kernel":
			return { KernelId: { Value: described.KernelId } };
		case "lastLaunchedTime":
			return { LastLaunchedTime: { Value: described.LastLaunchedTime } };
		case "launchPermission":
			return { LaunchPermissions: describedPermissions(image) };
		case "productCodes":
			return { ProductCodes: described.ProductCodes };
		case "ramdisk":
			return { RamdiskId: { Value: described.RamdiskId } };
		case "sriovNetSupport":
			return { SriovNetSupport: { Value: described.SriovNetSupport } };
		case "tpmSupport":
			return { TpmSupport: { Value: described.TpmSupport } };
		case "uefiData":
			return { UefiData: { Value: image.described?.["UefiData"] as string | undefined } };
	}
}
