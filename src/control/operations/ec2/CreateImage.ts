import type { BlockDeviceMapping, Image, Snapshot } from "../../../model/image.ts";
import type { Instance } from "../../../model/instance.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import type { Tag } from "../../../model/tag.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { incorrectInstanceState } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import type { Call } from "../../operation.ts";
import { withRequestedMappings } from "./images/block-device-mappings.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { checkImageName, createImage, imageCreationNeeds, inheritedFacts } from "./images/image-creation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { instanceOf } from "./instances/instance-lookup.ts";
import { attachedVolumes } from "./instances/instance-parts.ts";
import { tagsOfSpecification } from "./tags/tag-checks.ts";
import { snapshotOfVolume } from "./images/volume-snapshot.ts";

/**
 * An image of an instance, made of snapshots of its volumes (control-apis.md §2.7).
 *
 * Gap: the instance is never rebooted for it, NoReboot or not.
 */
export const CreateImage: Ec2Operation<"CreateImage"> = {
	access: ({ InstanceId, TagSpecifications }, call) => [
		...instanceNeeds([InstanceId], call),
		...imageCreationNeeds(call, "CreateImage", TagSpecifications),
	],
	async run(input, call) {
		const { InstanceId, Name, Description, TagSpecifications, BootModeOverride } = input;
		const instance = instanceOf(InstanceId, call);
		if (instance.state === "terminated" || instance.state === "shutting-down") {
			throw incorrectInstanceState(`The instance '${InstanceId}' is not in a state from which an image can be created.`);
		}
		checkImageName(Name);
		const tags = tagsOfSpecification(TagSpecifications, "image", ["image", "snapshot"]);
		const snapshotTags = tagsOfSpecification(TagSpecifications, "snapshot", ["image", "snapshot"]);
		const imageId = newId("ami");
		const requested = withRequestedMappings(instance.blockDeviceMappings, input.BlockDeviceMappings, call);
		const { mappings, snapshots } = withSnapshots(requested, { instance, imageId, tags: snapshotTags }, call);
		const source = call.records.image.get(instance.imageId);
		const { described, ...inherited } = source === undefined ? WITHOUT_SOURCE : inheritedFacts(source);
		const image = withoutUndefined<Image>({
			...inherited,
			imageId,
			name: Name,
			description: Description,
			blockDeviceMappings: mappings,
			kernelId: instance.kernelId,
			ramdiskId: instance.ramdiskId,
			productCodes: instance.productCodes,
			ancestorImageIds: [],
			creationDate: timestamp(call.nowMs),
			sourceInstanceId: InstanceId,
			sourceImageId: instance.imageId,
			tags,
			described: BootModeOverride === undefined ? described : { ...described, BootMode: BootModeOverride },
		});
		await call.inventory.exclusively(() => createImage(call, image, snapshots));
		return { ImageId: imageId };
	},
};

/** Of an instance whose image the configuration file has no longer. */
const WITHOUT_SOURCE: ReturnType<typeof inheritedFacts> = {
	imdsSupport: undefined,
	described: undefined,
	architecture: "x86_64",
	rootDeviceName: "/dev/xvda",
	virtualizationType: "hvm",
	billingProducts: [],
};

/** A snapshot of each volume that the image shall have, and the mappings that name them. */
function withSnapshots(
	mappings: readonly BlockDeviceMapping[],
	{ instance, imageId, tags }: { readonly instance: Instance; readonly imageId: string; readonly tags: readonly Tag[] },
	call: Call,
): { mappings: readonly BlockDeviceMapping[]; snapshots: readonly Snapshot[] } {
	const volumes = attachedVolumes(call).filter((volume) => volume.instance.instanceId === instance.instanceId);
	const description = `Created by CreateImage(${instance.instanceId}) for ${imageId}`;
	const made = mappings.map(({ tags: _tags, ...mapping }) => {
		const volume = volumes.find((volume) => volume.mapping.deviceName === mapping.deviceName);
		if (volume === undefined || mapping.virtualName !== undefined) return { mapping };
		const snapshot = snapshotOfVolume(volume, { description, tags }, call);
		const { snapshotId } = snapshot;
		const size = Math.max(snapshot.volumeSizeGib, mapping.ebs?.volumeSizeGib ?? 0);
		return { mapping: { ...mapping, ebs: { ...mapping.ebs, snapshotId, volumeSizeGib: size } }, snapshot };
	});
	return { mappings: made.map(({ mapping }) => mapping), snapshots: made.flatMap(({ snapshot }) => snapshot ?? []) };
}
