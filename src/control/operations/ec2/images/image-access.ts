import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn, tagContext } from "../arns.ts";
import { isPublic, ownerIdOf, rootDeviceType } from "./image-description.ts";

/**
 * The need to do something with an image, with what is known of it if it exists (control-apis.md §3.1, §3.2).
 *
 * @param requested condition keys of what is asked for.
 */
export function imageNeed(imageId: string, call: Call, requested: AccessNeed["context"] = {}): AccessNeed {
	const image = call.records.image.get(imageId);
	const known = image && {
		...tagContext(image.tags),
		"ec2:ImageID": imageId,
		"ec2:ImageType": "machine",
		"ec2:Owner": image.ownerAlias ?? ownerIdOf(image, call.account),
		"ec2:Public": String(isPublic(image)),
		"ec2:RootDeviceType": rootDeviceType(image),
	};
	return { resource: ec2Arn(call, "image", imageId), context: { ...known, ...requested } };
}

/** The need to make images or volumes of a snapshot, or to delete it. */
export function snapshotNeed(snapshotId: string, call: Call): AccessNeed {
	const snapshot = call.records.snapshot.get(snapshotId);
	const resource = ec2Arn(call, "snapshot", snapshotId);
	if (snapshot === undefined) return { resource };
	const context = {
		...tagContext(snapshot.tags),
		"ec2:SnapshotID": snapshotId,
		"ec2:Owner": call.account.accountId,
		"ec2:ParentVolume": ec2Arn(call, "volume", snapshot.volumeId),
		"ec2:VolumeSize": String(snapshot.volumeSizeGib),
	};
	return { resource, context };
}
