import type { Image } from "../../../model/image.ts";
import { invalidParameterCombination } from "../../errors.ts";
import type { DescribeImagesRequest } from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { describeImage, isPublic, ownerIdOf } from "./images/image-description.ts";
import { IMAGE_FILTERS } from "./images/image-filters.ts";
import { imagesOf } from "./images/image-lookup.ts";
import { accountsOf } from "./images/user-ids.ts";

/**
 * Images by id, owner, who may launch them, and filter; in pages (control-apis.md §2.7).
 *
 * Gap: no image is ever deprecated or disabled, so it makes no difference whether those are asked for.
 */
export const DescribeImages: Ec2Operation<"DescribeImages"> = {
	run(input, call) {
		const { ImageIds, Filters, MaxResults, NextToken } = input;
		if (MaxResults !== undefined && ImageIds !== undefined) {
			throw invalidParameterCombination("The parameter imageIdsSet cannot be used with the parameter maxResults");
		}
		const images = ImageIds === undefined ? registeredImages(call) : imagesOf(ImageIds, call);
		const described = images.filter(isAsked(input, call)).map((image) => describeImage(image, call));
		const { items, nextToken } = filteredPage(described, { Filters, MaxResults, NextToken }, IMAGE_FILTERS, ({ ImageId }) => ImageId);
		return { Images: items, NextToken: nextToken };
	},
};

function registeredImages({ records }: Call): readonly Image[] {
	return [...records.image.values()].filter(({ deregisteredAt }) => deregisteredAt === undefined);
}

/** By owner, and by who may launch it. */
function isAsked({ Owners, ExecutableUsers }: DescribeImagesRequest, { account }: Call): (image: Image) => boolean {
	const { accountId } = account;
	const owners = accountsOf(Owners, { accountId, words: ["amazon", "aws-backup-vault", "aws-marketplace"] });
	const users = accountsOf(ExecutableUsers, { accountId, words: ["all"] });
	return (image) => {
		const owned = owners?.some((owner) => owner === image.ownerAlias || owner === ownerIdOf(image, account)) ?? true;
		// AWS: somebody's images are those that they were given, not those that everybody may launch, nor their own.
		const given = users?.some((user) => (user === "all" ? isPublic(image) : image.launchPermissions?.includes(user) === true)) ?? true;
		return owned && given;
	};
}
