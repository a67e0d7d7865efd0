import { noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { imageNeed } from "./images/image-access.ts";
import { checkRegistered, ownImageOf } from "./images/image-lookup.ts";

/** Takes back all launch permissions: the only attribute that can be reset, so ImdsSupport stays (control-apis.md §1.5). */
export const ResetImageAttribute: Ec2Operation<"ResetImageAttribute"> = {
	access: ({ ImageId }, call) => [imageNeed(ImageId, call)],
	async run({ ImageId }, call) {
		ownImageOf(ImageId, call);
		const after = await call.inventory.update("image", ImageId, (before) => {
			checkRegistered(before);
			const { launchPermissions: _permissions, ...image } = before;
			return image;
		});
		if (after === undefined) throw noSuchResource("image", [ImageId]); // Gone meanwhile.
	},
};
