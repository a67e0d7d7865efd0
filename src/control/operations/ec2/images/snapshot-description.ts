import type { Snapshot } from "../../../../model/image.ts";
import { epochMs } from "../../../../model/timestamp.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { describedTagSet } from "../tags/described-tags.ts";

/** All that DescribeSnapshots tells of a snapshot. There is nothing to copy, so it is complete from the start. */
export function describeSnapshot(snapshot: Snapshot, { account }: Pick<Call, "account">): ec2.Snapshot {
	return {
		SnapshotId: snapshot.snapshotId,
		VolumeId: snapshot.volumeId,
		State: "completed",
		StartTime: new Date(epochMs(snapshot.startTime)),
		CompletionTime: new Date(epochMs(snapshot.startTime)),
		Progress: "100%",
		OwnerId: account.accountId,
		Description: snapshot.description,
		VolumeSize: snapshot.volumeSizeGib,
		Encrypted: snapshot.encrypted ?? false,
		StorageTier: "standard",
		Tags: describedTagSet(snapshot.tags),
	};
}
