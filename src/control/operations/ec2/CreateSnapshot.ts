import { noSuchResource } from "../../errors.ts";
import { ec2Arn, tagContext } from "./arns.ts";
import { creationNeeds } from "./images/creation-access.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { attachedVolumes } from "./instances/instance-parts.ts";
import { describeSnapshot } from "./images/snapshot-description.ts";
import { specifiedTags, tagsOfSpecification } from "./tags/tag-checks.ts";
import { snapshotOfVolume } from "./images/volume-snapshot.ts";

/** A snapshot of a volume of an instance (control-apis.md §2.7); there are no other volumes. */
export const CreateSnapshot: Ec2Operation<"CreateSnapshot"> = {
	access({ VolumeId, TagSpecifications }, call) {
		const volume = attachedVolumes(call).find(({ volumeId }) => volumeId === VolumeId);
		return [
			...creationNeeds(call, { operation: "CreateSnapshot", type: "snapshot", tags: specifiedTags(TagSpecifications, "snapshot") }),
			{ resource: ec2Arn(call, "volume", VolumeId), context: tagContext(volume?.mapping.tags) },
		];
	},
	async run({ VolumeId, Description = "", TagSpecifications }, call) {
		const volume = attachedVolumes(call).find(({ volumeId }) => volumeId === VolumeId);
		if (volume === undefined) throw noSuchResource("volume", [VolumeId]);
		const tags = tagsOfSpecification(TagSpecifications, "snapshot", ["snapshot"]);
		const snapshot = snapshotOfVolume(volume, { description: Description, tags }, call);
		await call.inventory.create("snapshot", snapshot);
		// AWS: so it begins. Who asks again finds it completed.
		return { ...describeSnapshot(snapshot, call), State: "pending", Progress: "", CompletionTime: undefined };
	},
};
