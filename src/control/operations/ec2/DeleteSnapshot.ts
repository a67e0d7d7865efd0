import { noSuchResource, snapshotInUse } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { snapshotNeed } from "./images/image-access.ts";
import { chosen } from "./record-lookup.ts";
import { imageOfSnapshot } from "./images/snapshot-lookup.ts";

/** Deletes a snapshot that no image is made of. */
export const DeleteSnapshot: Ec2Operation<"DeleteSnapshot"> = {
	access: ({ SnapshotId }, call) => [snapshotNeed(SnapshotId, call)],
	async run({ SnapshotId }, call) {
		chosen("snapshot", [SnapshotId], call.records.snapshot);
		// One after the other with whoever makes an image.
		await call.inventory.exclusively(async () => {
			const image = imageOfSnapshot(SnapshotId, { records: await call.inventory.records() });
			if (image !== undefined) throw snapshotInUse(SnapshotId, image.imageId);
			const removed = await call.inventory.remove("snapshot", SnapshotId, `The snapshot ${SnapshotId}`);
			if (!removed) throw noSuchResource("snapshot", [SnapshotId]); // Deleted meanwhile.
		});
	},
};
