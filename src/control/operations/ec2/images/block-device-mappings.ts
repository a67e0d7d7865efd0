// Devices of images and instances: as requests name them, as they are kept, and as the APIs show them.

import type { BlockDeviceMapping, EbsBlockDevice } from "../../../../model/image.ts";
import { withoutUndefined } from "../../../../model/without-undefined.ts";
import { invalidBlockDeviceMapping, invalidParameterValue, missingParameter, noSuchResource } from "../../../errors.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";

type World = Pick<Call, "records">;

/** AWS: the size of the root volume of Amazon Linux, which is that of a volume nobody said anything of. */
const DEFAULT_SIZE_GIB = 8;

/** AWS: io2 Block Express has the largest (ebs/ebs-volume-types). */
const SIZE_MAX_GIB = 65_536;

/** What Linux and Xen have; they are values in the metadata's `block-device-mapping/`, and virtual names are paths there. */
const DEVICE_NAME = /^(\/dev\/)?[A-Za-z][0-9A-Za-z]{0,31}$/;
const VIRTUAL_NAME = /^(ephemeral(1?\d|2[0-3])|swap)$/;

/**
 * Mappings with what a request says of them: a device that it names gets what is given, and keeps what is not; NoDevice takes it away.
 *
 * @param base the image's or the instance's.
 * @throws {ApiError} for devices that can't be, and for snapshots that don't exist.
 */
export function withRequestedMappings(
	base: readonly BlockDeviceMapping[],
	requested: readonly ec2.BlockDeviceMapping[] | undefined,
	world: World,
): readonly BlockDeviceMapping[] {
	const mappings = new Map(base.map((mapping) => [mapping.deviceName, mapping]));
	const named = new Set<string>();
	for (const [index, request] of (requested ?? []).entries()) {
		const { DeviceName, NoDevice } = request;
		if (DeviceName === undefined) throw missingParameter(`BlockDeviceMapping.${index + 1}.DeviceName`);
		if (!DEVICE_NAME.test(DeviceName)) throw invalidBlockDeviceMapping(`Invalid device name ${DeviceName}`);
		if (named.has(DeviceName)) throw invalidBlockDeviceMapping(`The device '${DeviceName}' is used in more than one block-device mapping`);
		named.add(DeviceName);
		if (NoDevice === undefined) mappings.set(DeviceName, requestedMapping(DeviceName, request, mappings.get(DeviceName)));
		else mappings.delete(DeviceName);
	}
	const all = [...mappings.values()];
	// What was there may be of a snapshot that is gone: the volume is there nonetheless.
	checkSnapshots(
		all.filter((mapping) => !base.includes(mapping)),
		world,
	);
	const virtualNames = all.flatMap(({ virtualName }) => virtualName ?? []);
	if (new Set(virtualNames).size < virtualNames.length)
		throw invalidBlockDeviceMapping("A virtual device is mapped to more than one device");
	return all;
}

/** The size of the volume that a mapping stands for. */
export function volumeSizeGib({ ebs }: BlockDeviceMapping, { records }: World): number {
	const snapshot = ebs?.snapshotId === undefined ? undefined : records.snapshot.get(ebs.snapshotId);
	return ebs?.volumeSizeGib ?? snapshot?.volumeSizeGib ?? DEFAULT_SIZE_GIB;
}

/** An image's devices as the APIs show them. */
export function describedMappings(mappings: readonly BlockDeviceMapping[], world: World): readonly ec2.BlockDeviceMapping[] {
	return mappings.map((mapping) => {
		const { deviceName: DeviceName, virtualName: VirtualName, ebs } = mapping;
		if (VirtualName !== undefined) return { DeviceName, VirtualName };
		return {
			DeviceName,
			Ebs: {
				DeleteOnTermination: ebs?.deleteOnTermination ?? true,
				Iops: ebs?.iops,
				SnapshotId: ebs?.snapshotId,
				VolumeSize: volumeSizeGib(mapping, world),
				VolumeType: (ebs?.volumeType ?? "gp2") as ec2.VolumeType,
				KmsKeyId: ebs?.kmsKeyId,
				Throughput: ebs?.throughput,
				Encrypted: ebs?.encrypted ?? false,
			},
		};
	});
}

function requestedMapping(
	deviceName: string,
	{ VirtualName, Ebs }: ec2.BlockDeviceMapping,
	before: BlockDeviceMapping | undefined,
): BlockDeviceMapping {
	if (VirtualName === undefined) {
		const ebs = { ...before?.ebs, ...requestedVolume(Ebs) };
		return { deviceName, ...(Object.keys(ebs).length > 0 && { ebs }) };
	}
	if (!VIRTUAL_NAME.test(VirtualName)) throw invalidBlockDeviceMapping(`Invalid virtual device name ${VirtualName}`);
	if (Ebs !== undefined) throw invalidBlockDeviceMapping(`The device '${deviceName}' can't be both a volume and ${VirtualName}`);
	return { deviceName, virtualName: VirtualName };
}

function requestedVolume(requested: ec2.EbsBlockDevice = {}): EbsBlockDevice {
	const { SnapshotId, VolumeSize, VolumeType, Iops, Throughput, Encrypted, KmsKeyId, DeleteOnTermination } = requested;
	if (VolumeSize !== undefined && (VolumeSize < 1 || VolumeSize > SIZE_MAX_GIB)) {
		throw invalidParameterValue(`Volume of ${VolumeSize}GiB is invalid; specify a size between 1 and ${SIZE_MAX_GIB} GiB`);
	}
	return withoutUndefined<EbsBlockDevice>({
		snapshotId: SnapshotId,
		volumeSizeGib: VolumeSize,
		volumeType: VolumeType,
		iops: Iops,
		throughput: Throughput,
		encrypted: Encrypted,
		kmsKeyId: KmsKeyId,
		deleteOnTermination: DeleteOnTermination,
	});
}

function checkSnapshots(mappings: readonly BlockDeviceMapping[], { records }: World): void {
	const unknown = mappings.flatMap(({ ebs }) =>
		ebs?.snapshotId === undefined || records.snapshot.has(ebs.snapshotId) ? [] : ebs.snapshotId,
	);
	if (unknown.length > 0) throw noSuchResource("snapshot", unknown);
	for (const { ebs } of mappings) {
		const snapshot = ebs?.snapshotId === undefined ? undefined : records.snapshot.get(ebs.snapshotId);
		if (ebs?.volumeSizeGib === undefined || snapshot === undefined || ebs.volumeSizeGib >= snapshot.volumeSizeGib) continue;
		throw invalidBlockDeviceMapping(
			`Volume of size ${ebs.volumeSizeGib}GB is smaller than snapshot '${snapshot.snapshotId}', expect size >= ${snapshot.volumeSizeGib}GB`,
		);
	}
}
