// An image as DescribeImages shows it (control-apis.md §2.7).

import type { Account } from "../../../../model/account.ts";
import type { Image } from "../../../../model/image.ts";
import type * as ec2 from "../../../models/ec2.ts";
import type { Call } from "../../../operation.ts";
import { describedMappings } from "./block-device-mappings.ts";
import { describedTagSet } from "../tags/described-tags.ts";

/** AWS: the account that owns Amazon Linux. */
const AMAZON_ACCOUNT_ID = "137112412989";

/**
 * The date of an image that has none, because it was declared and not registered.
 *
 * Quirk: the oldest there is: scripts sort images by their dates (`sort_by(Images, &CreationDate)`), and fail where one has none.
 */
const NO_DATE = "1970-01-01T00:00:00.000Z";

/** The account that an image belongs to. */
export function ownerIdOf({ ownerAlias }: Image, { accountId }: Account): string {
	return ownerAlias === "amazon" ? AMAZON_ACCOUNT_ID : accountId;
}

/** Whether everybody may launch it. */
export function isPublic({ ownerAlias, launchPermissions }: Image): boolean {
	return ownerAlias === "amazon" || (launchPermissions ?? []).includes("all");
}

/** All that DescribeImages tells of an image. */
export function describeImage(image: Image, call: Pick<Call, "account" | "records">): ec2.Image {
	const ownerId = ownerIdOf(image, call.account);
	return {
		EnaSupport: true,
		...(image.described as ec2.Image | undefined),
		ImageId: image.imageId,
		ImageLocation: image.manifestPath ?? `${image.ownerAlias ?? ownerId}/${image.name}`,
		State: image.deregisteredAt === undefined ? "available" : "deregistered",
		OwnerId: ownerId,
		CreationDate: image.creationDate === undefined ? NO_DATE : image.creationDate.replace("Z", ".000Z"),
		Public: isPublic(image),
		ProductCodes: image.productCodes.map((ProductCodeId) => ({ ProductCodeId, ProductCodeType: "marketplace" as const })),
		Architecture: image.architecture,
		ImageType: "machine",
		KernelId: image.kernelId,
		RamdiskId: image.ramdiskId,
		PlatformDetails: "Linux/UNIX",
		UsageOperation: "RunInstances",
		BlockDeviceMappings: describedMappings(image.blockDeviceMappings, call),
		Description: image.description,
		Hypervisor: "xen",
		ImageOwnerAlias: image.ownerAlias,
		Name: image.name,
		RootDeviceName: image.rootDeviceName,
		RootDeviceType: rootDeviceType(image),
		Tags: describedTagSet(image.tags),
		VirtualizationType: image.virtualizationType,
		ImdsSupport: image.imdsSupport,
		SourceInstanceId: image.sourceInstanceId,
		DeregistrationProtection: image.deregistrationProtection === true ? "enabled" : "disabled",
		LastLaunchedTime: image.lastLaunchedTime?.replace("Z", ".000Z"),
		SourceImageId: image.sourceImageId,
		SourceImageRegion: image.sourceImageId === undefined ? undefined : call.account.region,
	};
}

export function rootDeviceType({ manifestPath }: Image): ec2.DeviceType {
	return manifestPath === undefined ? "ebs" : "instance-store";
}

/** Who may launch an image beside its owner. */
export function describedPermissions({ launchPermissions = [] }: Image): readonly ec2.LaunchPermission[] {
	return launchPermissions.map((permission) => {
		if (permission === "all") return { Group: "all" };
		if (!permission.startsWith("arn:")) return { UserId: permission };
		return permission.includes(":ou/") ? { OrganizationalUnitArn: permission } : { OrganizationArn: permission };
	});
}
