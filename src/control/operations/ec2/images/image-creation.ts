// What RegisterImage, CreateImage and CopyImage have in common.

import type { Image, Snapshot } from "../../../../model/image.ts";
import { imageNameInUse, malformedImageName } from "../../../errors.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { creationNeeds } from "./creation-access.ts";
import { specifiedTags } from "../tags/tag-checks.ts";

/** AWS: as RegisterImage documents it. */
const NAME_PATTERN = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/;

/** @throws {ApiError} for names that no image may have. */
export function checkImageName(name: string): void {
	if (!NAME_PATTERN.test(name)) throw malformedImageName(name);
}

/** What an image that is made of another, or of an instance of it, has from that (control-apis.md §1.5). */
export function inheritedFacts({ imdsSupport, described, architecture, rootDeviceName, virtualizationType, billingProducts }: Image) {
	return { imdsSupport, described, architecture, rootDeviceName, virtualizationType, billingProducts };
}

/**
 * Writes an image and the snapshots it is made of. To be called inside the inventory's `exclusively`.
 *
 * Quirk: the snapshots are written first. A store that fails in between keeps snapshots of no image, never an image without its snapshots.
 *
 * @throws {ApiError} where another image of the account has the name.
 */
export async function createImage({ inventory }: Pick<Call, "inventory">, image: Image, snapshots: readonly Snapshot[]): Promise<void> {
	const { image: images } = await inventory.records();
	const namesake = [...images.values()].find(
		({ name, ownerAlias, deregisteredAt }) => name === image.name && ownerAlias === undefined && deregisteredAt === undefined,
	);
	if (namesake !== undefined) throw imageNameInUse(image.name, namesake.imageId);
	if (snapshots.length > 0) await inventory.create("snapshot", ...snapshots);
	await inventory.create("image", image);
}

/** The needs of making an image and snapshots, with the tags that both get. */
export function imageCreationNeeds(
	call: Call,
	operation: string,
	specifications: readonly ec2.TagSpecification[] | undefined,
): readonly AccessNeed[] {
	return ["image", "snapshot"].flatMap((type) => creationNeeds(call, { operation, type, tags: specifiedTags(specifications, type) }));
}
