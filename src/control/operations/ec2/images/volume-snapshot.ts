import type { Snapshot } from "../../../../model/image.ts";
import type { Tag } from "../../../../model/tag.ts";
import { timestamp } from "../../../../model/timestamp.ts";
import { newId } from "../../../new-id.ts";
import type { Call } from "../../../operation.ts";
import { volumeSizeGib } from "./block-device-mappings.ts";
import type { AttachedVolume } from "../instances/instance-parts.ts";

/** A new snapshot of a volume, to be written. */
export function snapshotOfVolume(
	{ volumeId, mapping }: AttachedVolume,
	{ description, tags }: { readonly description: string; readonly tags: readonly Tag[] },
	call: Pick<Call, "records" | "nowMs">,
): Snapshot {
	return {
		snapshotId: newId("snap"),
		startTime: timestamp(call.nowMs),
		volumeId,
		volumeSizeGib: volumeSizeGib(mapping, call),
		description,
		...(mapping.ebs?.encrypted === true && { encrypted: true }),
		tags,
	};
}
