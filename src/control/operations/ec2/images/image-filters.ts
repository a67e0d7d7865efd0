import type { FilterTable } from "../../../filters.ts";
import type { EbsBlockDevice, Image } from "../../../models/ec2.ts";

/**
 * What DescribeImages filters by, of an image as it shows it.
 *
 * AWS: there is none for ImdsSupport (control-apis.md §2.7).
 */
export const IMAGE_FILTERS: FilterTable<Image> = {
	architecture: ({ Architecture }) => Architecture,
	"block-device-mapping.delete-on-termination": ebs(({ DeleteOnTermination }) => DeleteOnTermination),
	"block-device-mapping.device-name": ({ BlockDeviceMappings = [] }) => BlockDeviceMappings.map(({ DeviceName }) => DeviceName),
	"block-device-mapping.encrypted": ebs(({ Encrypted }) => Encrypted),
	"block-device-mapping.snapshot-id": ebs(({ SnapshotId }) => SnapshotId),
	"block-device-mapping.volume-size": ebs(({ VolumeSize }) => VolumeSize),
	"block-device-mapping.volume-type": ebs(({ VolumeType }) => VolumeType),
	"creation-date": ({ CreationDate }) => CreationDate,
	description: ({ Description }) => Description,
	"ena-support": ({ EnaSupport }) => EnaSupport,
	"free-tier-eligible": () => false,
	hypervisor: ({ Hypervisor }) => Hypervisor,
	"image-allowed": () => true,
	"image-id": ({ ImageId }) => ImageId,
	"image-type": ({ ImageType }) => ImageType,
	"is-public": ({ Public }) => Public,
	"kernel-id": ({ KernelId }) => KernelId,
	"manifest-location": ({ ImageLocation }) => ImageLocation,
	name: ({ Name }) => Name,
	"owner-alias": ({ ImageOwnerAlias }) => ImageOwnerAlias,
	"owner-id": ({ OwnerId }) => OwnerId,
	platform: () => undefined,
	"product-code": ({ ProductCodes = [] }) => ProductCodes.map(({ ProductCodeId }) => ProductCodeId),
	"product-code.type": ({ ProductCodes = [] }) => ProductCodes.map(({ ProductCodeType }) => ProductCodeType),
	"ramdisk-id": ({ RamdiskId }) => RamdiskId,
	"root-device-name": ({ RootDeviceName }) => RootDeviceName,
	"root-device-type": ({ RootDeviceType }) => RootDeviceType,
	"source-image-id": ({ SourceImageId }) => SourceImageId,
	"source-image-region": ({ SourceImageRegion }) => SourceImageRegion,
	"source-instance-id": ({ SourceInstanceId }) => SourceInstanceId,
	"sriov-net-support": ({ SriovNetSupport }) => SriovNetSupport,
	state: ({ State }) => State,
	"state-reason-code": ({ StateReason }) => StateReason?.Code,
	"state-reason-message": ({ StateReason }) => StateReason?.Message,
	"virtualization-type": ({ VirtualizationType }) => VirtualizationType,
};

/** What each volume has. */
function ebs(read: (volume: EbsBlockDevice) => string | number | boolean | undefined): FilterTable<Image>[string] {
	return ({ BlockDeviceMappings = [] }) => BlockDeviceMappings.flatMap(({ Ebs }) => (Ebs === undefined ? [] : [read(Ebs)?.toString()]));
}
