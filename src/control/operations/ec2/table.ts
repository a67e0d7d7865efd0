import type { Ec2Operations } from "../../models/ec2.ts";
import { AssociateIamInstanceProfile } from "./AssociateIamInstanceProfile.ts";
import { CopyImage } from "./CopyImage.ts";
import { CreateImage } from "./CreateImage.ts";
import { CreateKeyPair } from "./CreateKeyPair.ts";
import { CreateLaunchTemplate } from "./CreateLaunchTemplate.ts";
import { CreateLaunchTemplateVersion } from "./CreateLaunchTemplateVersion.ts";
import { CreateSnapshot } from "./CreateSnapshot.ts";
import { CreateTags } from "./CreateTags.ts";
import { DeleteKeyPair } from "./DeleteKeyPair.ts";
import { DeleteLaunchTemplate } from "./DeleteLaunchTemplate.ts";
import { DeleteLaunchTemplateVersions } from "./DeleteLaunchTemplateVersions.ts";
import { DeleteSnapshot } from "./DeleteSnapshot.ts";
import { DeleteTags } from "./DeleteTags.ts";
import { DeregisterImage } from "./DeregisterImage.ts";
import { DescribeAccountAttributes } from "./DescribeAccountAttributes.ts";
import { DescribeAvailabilityZones } from "./DescribeAvailabilityZones.ts";
import { DescribeIamInstanceProfileAssociations } from "./DescribeIamInstanceProfileAssociations.ts";
import { DescribeImageAttribute } from "./DescribeImageAttribute.ts";
import { DescribeImages } from "./DescribeImages.ts";
import { DescribeInstanceAttribute } from "./DescribeInstanceAttribute.ts";
import { DescribeInstanceCreditSpecifications } from "./DescribeInstanceCreditSpecifications.ts";
import { DescribeInstances } from "./DescribeInstances.ts";
import { DescribeInstanceStatus } from "./DescribeInstanceStatus.ts";
import { DescribeInstanceTypes } from "./DescribeInstanceTypes.ts";
import { DescribeKeyPairs } from "./DescribeKeyPairs.ts";
import { DescribeLaunchTemplates } from "./DescribeLaunchTemplates.ts";
import { DescribeLaunchTemplateVersions } from "./DescribeLaunchTemplateVersions.ts";
import { DescribeNetworkInterfaces } from "./DescribeNetworkInterfaces.ts";
import { DescribeRegions } from "./DescribeRegions.ts";
import { DescribeSecurityGroups } from "./DescribeSecurityGroups.ts";
import { DescribeSnapshots } from "./DescribeSnapshots.ts";
import { DescribeSpotInstanceRequests } from "./DescribeSpotInstanceRequests.ts";
import { DescribeSubnets } from "./DescribeSubnets.ts";
import { DescribeTags } from "./DescribeTags.ts";
import { DescribeVolumes } from "./DescribeVolumes.ts";
import { DescribeVpcs } from "./DescribeVpcs.ts";
import { DisassociateIamInstanceProfile } from "./DisassociateIamInstanceProfile.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { GetInstanceMetadataDefaults } from "./GetInstanceMetadataDefaults.ts";
import { GetLaunchTemplateData } from "./GetLaunchTemplateData.ts";
import { ImportKeyPair } from "./ImportKeyPair.ts";
import { ModifyImageAttribute } from "./ModifyImageAttribute.ts";
import { ModifyInstanceAttribute } from "./ModifyInstanceAttribute.ts";
import { ModifyInstanceEventStartTime } from "./ModifyInstanceEventStartTime.ts";
import { ModifyInstanceMetadataDefaults } from "./ModifyInstanceMetadataDefaults.ts";
import { ModifyInstanceMetadataOptions } from "./ModifyInstanceMetadataOptions.ts";
import { ModifyLaunchTemplate } from "./ModifyLaunchTemplate.ts";
import { RebootInstances } from "./RebootInstances.ts";
import { RegisterImage } from "./RegisterImage.ts";
import { ReplaceIamInstanceProfileAssociation } from "./ReplaceIamInstanceProfileAssociation.ts";
import { ResetImageAttribute } from "./ResetImageAttribute.ts";
import { RunInstances } from "./RunInstances.ts";
import { StartInstances } from "./StartInstances.ts";
import { StopInstances } from "./StopInstances.ts";
import { TerminateInstances } from "./TerminateInstances.ts";

/** Every operation of EC2 that there is here: one missing, or one too many, does not compile. */
export const EC2_OPERATIONS: { readonly [Name in keyof Ec2Operations]: Ec2Operation<Name> } = {
	RunInstances,
	DescribeInstances,
	ModifyInstanceMetadataOptions,
	GetInstanceMetadataDefaults,
	ModifyInstanceMetadataDefaults,
	DescribeInstanceStatus,
	StartInstances,
	StopInstances,
	RebootInstances,
	TerminateInstances,
	ModifyInstanceAttribute,
	DescribeInstanceAttribute,
	ModifyInstanceEventStartTime,
	DescribeInstanceCreditSpecifications,
	CreateTags,
	DeleteTags,
	DescribeTags,
	RegisterImage,
	CreateImage,
	CopyImage,
	DescribeImages,
	ModifyImageAttribute,
	DescribeImageAttribute,
	ResetImageAttribute,
	DeregisterImage,
	CreateSnapshot,
	DescribeSnapshots,
	DeleteSnapshot,
	CreateLaunchTemplate,
	CreateLaunchTemplateVersion,
	ModifyLaunchTemplate,
	DescribeLaunchTemplates,
	DescribeLaunchTemplateVersions,
	DeleteLaunchTemplate,
	DeleteLaunchTemplateVersions,
	GetLaunchTemplateData,
	AssociateIamInstanceProfile,
	DisassociateIamInstanceProfile,
	ReplaceIamInstanceProfileAssociation,
	DescribeIamInstanceProfileAssociations,
	ImportKeyPair,
	CreateKeyPair,
	DescribeKeyPairs,
	DeleteKeyPair,
	DescribeRegions,
	DescribeAvailabilityZones,
	DescribeInstanceTypes,
	DescribeVpcs,
	DescribeSubnets,
	DescribeSecurityGroups,
	DescribeNetworkInterfaces,
	DescribeVolumes,
	DescribeAccountAttributes,
	DescribeSpotInstanceRequests,
};
