import type { BlockDeviceMapping, Image, Snapshot } from "../../../model/image.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import type { Tag } from "../../../model/tag.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { idempotently } from "../../client-token.ts";
import { noSuchResource } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import type { Call } from "../../operation.ts";
import { isReserved } from "../../tag-limits.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { checkImageName, createImage, imageCreationNeeds, inheritedFacts } from "./images/image-creation.ts";
import { imageOf } from "./images/image-lookup.ts";
import { tagsOfSpecification } from "./tags/tag-checks.ts";

/** AWS: the volume of a snapshot that was copied (DescribeSnapshots: "an arbitrary volume ID that you should not use"). */
const NO_VOLUME_ID = "vol-ffffffff";

/**
 * A copy of an image, and of its snapshots, that is the account's own (control-apis.md §2.7).
 *
 * Gap: there is one Region here, so in another there is no image.
 */
export const CopyImage: Ec2Operation<"CopyImage"> = {
	access: ({ TagSpecifications }, call) => imageCreationNeeds(call, "CopyImage", TagSpecifications),
	async run(input, call) {
		const { Name, SourceImageId, SourceRegion, Description, Encrypted, CopyImageTags, TagSpecifications, ClientToken } = input;
		if (SourceRegion !== call.account.region) throw noSuchResource("image", [SourceImageId]);
		const source = imageOf(SourceImageId, call);
		checkImageName(Name);
		const given = tagsOfSpecification(TagSpecifications, "image", ["image", "snapshot"]);
		const snapshotTags = tagsOfSpecification(TagSpecifications, "snapshot", ["image", "snapshot"]);
		const imageId = newId("ami");
		const copies = copiedSnapshots(source, { imageId, tags: snapshotTags, encrypted: Encrypted === true }, call);
		const image = withoutUndefined<Image>({
			...inheritedFacts(source),
			imageId,
			name: Name,
			description: Description ?? source.description,
			blockDeviceMappings: source.blockDeviceMappings.map((mapping) => copiedMapping(mapping, copies)),
			kernelId: source.kernelId,
			ramdiskId: source.ramdiskId,
			productCodes: source.productCodes,
			manifestPath: source.manifestPath,
			ancestorImageIds: source.ancestorImageIds,
			creationDate: timestamp(call.nowMs),
			sourceImageId: SourceImageId,
			tags: CopyImageTags === true ? copiedTags(source.tags, given) : given,
		});
		const request = { operation: "CopyImage", token: ClientToken, parameters: input };
		const [ImageId] = await idempotently(call, request, async () => {
			await createImage(call, image, [...copies.values()]);
			return [imageId];
		});
		return { ImageId };
	},
};

/** By the ids of the snapshots they are copies of. */
function copiedSnapshots(
	source: Image,
	{ imageId, tags, encrypted }: { readonly imageId: string; readonly tags: readonly Tag[]; readonly encrypted: boolean },
	{ records, nowMs }: Call,
): ReadonlyMap<string, Snapshot> {
	const originals = source.blockDeviceMappings.flatMap(({ ebs }) => records.snapshot.get(ebs?.snapshotId ?? "") ?? []);
	return new Map(
		originals.map((original) => [
			original.snapshotId,
			{
				snapshotId: newId("snap"),
				startTime: timestamp(nowMs),
				volumeId: NO_VOLUME_ID,
				volumeSizeGib: original.volumeSizeGib,
				description: `Copied for DestinationAmi ${imageId} from SourceAmi ${source.imageId} for SourceSnapshot ${original.snapshotId}.`,
				...((encrypted || original.encrypted === true) && { encrypted: true }),
				tags,
			},
		]),
	);
}

function copiedMapping(mapping: BlockDeviceMapping, copies: ReadonlyMap<string, Snapshot>): BlockDeviceMapping {
	const copy = copies.get(mapping.ebs?.snapshotId ?? "");
	if (copy === undefined) return mapping;
	const { snapshotId, encrypted = false } = copy;
	return { ...mapping, ebs: { ...mapping.ebs, snapshotId, encrypted } };
}

/** AWS: those that users gave the source; what the request says of the same key wins. */
function copiedTags(source: readonly Tag[] = [], given: readonly Tag[]): readonly Tag[] {
	const own = source.filter(({ key }) => !isReserved(key) && !given.some((tag) => tag.key === key));
	return [...own, ...given];
}
