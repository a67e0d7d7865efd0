import type { Image } from "../../../../model/image.ts";
import type { Call } from "../../../operation.ts";

/** A registered image that is made of a snapshot, if there is one. */
export function imageOfSnapshot(snapshotId: string, { records }: Pick<Call, "records">): Image | undefined {
	return [...records.image.values()].find(
		({ blockDeviceMappings, deregisteredAt }) =>
			deregisteredAt === undefined && blockDeviceMappings.some(({ ebs }) => ebs?.snapshotId === snapshotId),
	);
}
