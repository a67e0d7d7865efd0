import type { Image } from "../../../model/image.ts";
import { noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { imageNeed } from "./images/image-access.ts";
import { requestedImageAttribute, requestedImageAttributes } from "./images/image-attribute-request.ts";
import { checkRegistered, ownImageOf } from "./images/image-lookup.ts";
import { attributeContext } from "./instances/instance-access.ts";

/** Changes one attribute of an image of the account's own (control-apis.md §1.5, §2.7). */
export const ModifyImageAttribute: Ec2Operation<"ModifyImageAttribute"> = {
	access: (input, call) => [imageNeed(input.ImageId, call, attributeContext(requestedImageAttributes(input)))],
	async run(input, call) {
		const { ImageId } = input;
		ownImageOf(ImageId, call);
		const change = requestedImageAttribute(input);
		const after = await call.inventory.update("image", ImageId, (before): Image => {
			checkRegistered(before);
			return change(before);
		});
		if (after === undefined) throw noSuchResource("image", [ImageId]); // Gone meanwhile.
	},
};
