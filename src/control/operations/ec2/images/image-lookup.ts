import type { Image } from "../../../../model/image.ts";
import { imageUnavailable, notAuthorizedForImage } from "../../../errors.ts";
import type { Call } from "../../../operation.ts";
import { chosen } from "../record-lookup.ts";

/**
 * The images of these ids.
 *
 * @throws {ApiError} that names all that never were, or the first that is deregistered.
 */
export function imagesOf(imageIds: readonly string[], { records }: Pick<Call, "records">): readonly Image[] {
	const images = chosen("image", imageIds, records.image);
	for (const image of images) checkRegistered(image);
	return images;
}

/** The image of an id, likewise. */
export function imageOf(imageId: string, call: Pick<Call, "records">): Image {
	return imagesOf([imageId], call)[0]!;
}

/** The image of an id, likewise, if it is the account's own. */
export function ownImageOf(imageId: string, call: Pick<Call, "records">): Image {
	const image = imageOf(imageId, call);
	if (image.ownerAlias !== undefined) throw notAuthorizedForImage(imageId);
	return image;
}

/** @throws {ApiError} for an image that is deregistered: its record stays, for what was launched from it. */
export function checkRegistered({ imageId, deregisteredAt }: Image): void {
	if (deregisteredAt !== undefined) throw imageUnavailable(imageId);
}
