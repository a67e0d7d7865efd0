import type { Image } from "../../../model/image.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { invalidParameterValue } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import { withRequestedMappings } from "./images/block-device-mappings.ts";
import { creationNeeds } from "./images/creation-access.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { snapshotNeed } from "./images/image-access.ts";
import { checkImageName, createImage } from "./images/image-creation.ts";
import { specifiedTags, tagsOfSpecification } from "./tags/tag-checks.ts";

/** AWS: the root device of images whose maker named none. */
const DEFAULT_ROOT_DEVICE = "/dev/sda1";

/**
 * An image of snapshots that exist (control-apis.md §2.7).
 *
 * Gap: AWS wants the root device's snapshot, or a manifest in S3; here an image may be registered of nothing.
 */
export const RegisterImage: Ec2Operation<"RegisterImage"> = {
	access({ TagSpecifications, BlockDeviceMappings = [] }, call) {
		const tags = specifiedTags(TagSpecifications, "image");
		const snapshotIds = BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
		return [
			...creationNeeds(call, { operation: "RegisterImage", type: "image", tags }),
			...snapshotIds.map((snapshotId) => snapshotNeed(snapshotId, call)),
		];
	},
	async run(input, call) {
		const { Name, ImageLocation, RootDeviceName, TagSpecifications, VirtualizationType = "paravirtual" } = input;
		checkImageName(Name);
		const mappings = withRequestedMappings([], input.BlockDeviceMappings, call);
		const tags = tagsOfSpecification(TagSpecifications, "image", ["image"]);
		if (VirtualizationType !== "hvm" && VirtualizationType !== "paravirtual") {
			throw invalidParameterValue(`Invalid value '${VirtualizationType}' for VirtualizationType. Specify either 'hvm' or 'paravirtual'.`);
		}
		const rootDeviceName = RootDeviceName ?? mappings.find(({ ebs }) => ebs?.snapshotId !== undefined)?.deviceName ?? DEFAULT_ROOT_DEVICE;
		const [root = { deviceName: rootDeviceName }] = withRequestedMappings([], [{ DeviceName: rootDeviceName }], call);
		const hasRoot = mappings.some(({ deviceName }) => deviceName === rootDeviceName);
		const image = withoutUndefined<Image>({
			imageId: newId("ami"),
			name: Name,
			description: input.Description,
			// AWS: what nobody says is as it was when EC2 was young (RegisterImage's documentation of both).
			architecture: input.Architecture ?? "i386",
			virtualizationType: VirtualizationType,
			rootDeviceName,
			blockDeviceMappings: hasRoot ? mappings : [root, ...mappings],
			imdsSupport: input.ImdsSupport,
			kernelId: input.KernelId,
			ramdiskId: input.RamdiskId,
			productCodes: [],
			billingProducts: input.BillingProducts ?? [],
			manifestPath: ImageLocation,
			ancestorImageIds: [],
			creationDate: timestamp(call.nowMs),
			tags,
			described: {
				BootMode: input.BootMode,
				TpmSupport: input.TpmSupport,
				UefiData: input.UefiData,
				SriovNetSupport: input.SriovNetSupport,
				EnaSupport: input.EnaSupport ?? false,
			},
		});
		await call.inventory.exclusively(() => createImage(call, image, []));
		return { ImageId: image.imageId };
	},
};
