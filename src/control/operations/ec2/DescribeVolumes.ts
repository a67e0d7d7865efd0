import { zoneIdOf } from "../../../model/region.ts";
import { epochMs } from "../../../model/timestamp.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { type AttachedVolume, attachedVolumes } from "./instances/instance-parts.ts";
import { chosen } from "./record-lookup.ts";

/** Where neither the launch, nor the image, nor its snapshot says how large. */
const DEFAULT_SIZE_GIB = 8;

const FILTERS: FilterTable<ec2.Volume> = {
	"attachment.attach-time": ({ Attachments }) => Attachments?.map(({ AttachTime }) => AttachTime?.toISOString()),
	"attachment.delete-on-termination": ({ Attachments }) => Attachments?.map((each) => String(each.DeleteOnTermination)),
	"attachment.device": ({ Attachments }) => Attachments?.map(({ Device }) => Device),
	"attachment.instance-id": ({ Attachments }) => Attachments?.map(({ InstanceId }) => InstanceId),
	"attachment.status": ({ Attachments }) => Attachments?.map(({ State }) => State),
	"availability-zone": ({ AvailabilityZone }) => AvailabilityZone,
	"availability-zone-id": ({ AvailabilityZoneId }) => AvailabilityZoneId,
	"create-time": ({ CreateTime }) => CreateTime?.toISOString(),
	encrypted: ({ Encrypted }) => Encrypted,
	"multi-attach-enabled": ({ MultiAttachEnabled }) => MultiAttachEnabled,
	size: ({ Size }) => Size,
	"snapshot-id": ({ SnapshotId }) => SnapshotId,
	status: ({ State }) => State,
	"volume-id": ({ VolumeId }) => VolumeId,
	"volume-type": ({ VolumeType }) => VolumeType,
};

/** Volumes by id, by filter, or all; in pages. */
export const DescribeVolumes: Ec2Operation<"DescribeVolumes"> = {
	run({ VolumeIds, ...request }, call) {
		const all = attachedVolumes(call);
		const attached = VolumeIds === undefined ? all : chosen("volume", VolumeIds, new Map(all.map((each) => [each.volumeId, each])));
		const volumes = attached.map((each) => describeVolume(each, call));
		const { items, nextToken } = filteredPage(volumes, request, FILTERS, ({ VolumeId }) => VolumeId);
		return { Volumes: items, NextToken: nextToken };
	},
};

function describeVolume({ volumeId, instance, mapping }: AttachedVolume, { records }: Call): ec2.Volume {
	const { instanceId, imageId, launchTime, placement } = instance;
	const ofImage = records.image.get(imageId)?.blockDeviceMappings.find(({ deviceName }) => deviceName === mapping.deviceName)?.ebs;
	const ebs = { ...ofImage, ...mapping.ebs };
	const snapshot = ebs.snapshotId === undefined ? undefined : records.snapshot.get(ebs.snapshotId);
	const size = ebs.volumeSizeGib ?? snapshot?.volumeSizeGib ?? DEFAULT_SIZE_GIB;
	// AWS: what RunInstances makes where nobody chose (ec2/EbsBlockDevice).
	const type = (ebs.volumeType ?? "gp2") as ec2.VolumeType;
	const createTime = new Date(epochMs(launchTime));
	return {
		VolumeId: volumeId,
		VolumeType: type,
		Size: size,
		Iops: ebs.iops ?? baselineIops(type, size),
		Throughput: ebs.throughput ?? (type === "gp3" ? 125 : undefined),
		SnapshotId: ebs.snapshotId ?? "",
		Encrypted: ebs.encrypted ?? false,
		KmsKeyId: ebs.kmsKeyId,
		MultiAttachEnabled: false,
		State: "in-use",
		// Quirk: the last start of its instance: nobody keeps when a volume was made.
		CreateTime: createTime,
		AvailabilityZone: placement.availabilityZone,
		AvailabilityZoneId: zoneIdOf(placement.availabilityZone),
		Attachments: [
			{
				VolumeId: volumeId,
				InstanceId: instanceId,
				Device: mapping.deviceName,
				State: "attached",
				AttachTime: createTime,
				DeleteOnTermination: ebs.deleteOnTermination ?? true,
			},
		],
		Tags: describedTagSet(mapping.tags),
	};
}

/** AWS: gp3 has 3000, gp2 three a GiB from 100 to 16 000; those of other types are given or have no meaning (ebs/ebs-volume-types). */
function baselineIops(type: string, sizeGib: number): number | undefined {
	if (type === "gp3") return 3000;
	return type === "gp2" ? Math.min(16_000, Math.max(100, 3 * sizeGib)) : undefined;
}
