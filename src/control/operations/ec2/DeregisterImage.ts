import type { Image } from "../../../model/image.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { noSuchResource, operationNotPermitted } from "../../errors.ts";
import type { DeleteSnapshotReturnCode } from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { imageNeed, snapshotNeed } from "./images/image-access.ts";
import { checkRegistered, ownImageOf } from "./images/image-lookup.ts";
import { imageOfSnapshot } from "./images/snapshot-lookup.ts";

/** Nothing is launched from the image any more; what was, goes on (control-apis.md §2.7). */
export const DeregisterImage: Ec2Operation<"DeregisterImage"> = {
	access({ ImageId, DeleteAssociatedSnapshots }, call) {
		const image = call.records.image.get(ImageId);
		const snapshotIds = DeleteAssociatedSnapshots === true && image !== undefined ? snapshotIdsOf(image) : [];
		const deletions = snapshotIds.map((snapshotId) => ({ ...snapshotNeed(snapshotId, call), action: "ec2:DeleteSnapshot" }));
		return [imageNeed(ImageId, call), ...deletions];
	},
	async run({ ImageId, DeleteAssociatedSnapshots }, call) {
		ownImageOf(ImageId, call);
		const after = await call.inventory.update("image", ImageId, (before) => {
			checkRegistered(before);
			if (before.deregistrationProtection === true) {
				throw operationNotPermitted(`Image ${ImageId} cannot be deregistered because deregistration protection is enabled`);
			}
			return { ...before, deregisteredAt: timestamp(call.nowMs) };
		});
		if (after === undefined) throw noSuchResource("image", [ImageId]); // Gone meanwhile.
		if (DeleteAssociatedSnapshots !== true) return { Return: true };
		return { Return: true, DeleteSnapshotResults: await deleteSnapshots(snapshotIdsOf(after), call) };
	},
};

function snapshotIdsOf({ blockDeviceMappings }: Image): readonly string[] {
	return blockDeviceMappings.flatMap(({ ebs }) => ebs?.snapshotId ?? []);
}

/** AWS: those that another image is made of are left alone. So are those that the configuration file keeps. */
async function deleteSnapshots(snapshotIds: readonly string[], call: Call): Promise<readonly DeleteSnapshotReturnCode[]> {
	const results: DeleteSnapshotReturnCode[] = [];
	for (const SnapshotId of snapshotIds) {
		const records = await call.inventory.records();
		const isKept =
			call.inventory.originOf("snapshot", SnapshotId) === "configuration" || imageOfSnapshot(SnapshotId, { records }) !== undefined;
		if (!isKept) await call.inventory.remove("snapshot", SnapshotId, `The snapshot ${SnapshotId}`);
		results.push({ SnapshotId, ReturnCode: isKept ? "skipped" : "success" });
	}
	return results;
}
