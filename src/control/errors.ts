// Every error that an operation answers with, as a function that is named for it: AWS's codes and, where known, AWS's words
// (control-apis.md §1.6, §2). Codes are exact; texts marked [A] there may differ.

import { constraintMessage } from "./wire/constraint.ts";
import { shortened } from "./wire/wire-error.ts";

/** An error as AWS's clients know it: the pipeline answers it, in whatever protocol it was asked. */
export class ApiError extends Error {
	override readonly name = "ApiError";
	readonly code: string;
	/** Of HTTP. */
	readonly status: number;

	constructor(code: string, message: string, status = 400) {
		super(message);
		this.code = code;
		this.status = status;
	}
}

// Values

export function invalidParameterValue(message: string): ApiError {
	return new ApiError("InvalidParameterValue", message);
}

/** AWS: the services' common framework has this code for what breaks a rule of the model; EC2, which is older, has its own. */
export function validationError(message: string): ApiError {
	return new ApiError("ValidationError", message);
}

/**
 * A value that breaks a rule of the model.
 *
 * @param member as in AWS's messages, with a small letter: `roleName`.
 * @param constraint what follows "Member must": `have length less than or equal to 64`.
 */
export function constraintViolated(member: string, value: string | number, constraint: string): ApiError {
	return validationError(constraintMessage(`'${shortened(String(value))}'`, member, `Member must ${constraint}`));
}

export function invalidParameterCombination(message: string): ApiError {
	return new ApiError("InvalidParameterCombination", message);
}

export function missingParameter(parameter: string): ApiError {
	return new ApiError("MissingParameter", `The request must contain the parameter ${parameter}`);
}

export function unsupportedOperation(message: string): ApiError {
	return new ApiError("UnsupportedOperation", message);
}

export function operationNotPermitted(message: string): ApiError {
	return new ApiError("OperationNotPermitted", message);
}

/** What the configuration file keeps, the APIs may change but not take away: it would be back at the next start. */
export function declaredInConfiguration(what: string): ApiError {
	return operationNotPermitted(`${what} is kept by the configuration file of this service. Remove it there.`);
}

export function idempotentParameterMismatch(): ApiError {
	return new ApiError(
		"IdempotentParameterMismatch",
		"Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
	);
}

/** What a token made once is gone, and is not made again. */
export function idempotentInstanceTerminated(): ApiError {
	return new ApiError(
		"IdempotentInstanceTerminated",
		"The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.",
	);
}

export function invalidFilter(name: string): ApiError {
	return invalidParameterValue(`The filter '${name}' is invalid`);
}

export function invalidNextToken(): ApiError {
	return new ApiError("InvalidNextToken", "The token is invalid.");
}

// Ids

/** How EC2 words an id that has the wrong form or stands for nothing, by the kind of the resource. */
const RESOURCES = {
	instance: { prefix: "i-", notFound: "InvalidInstanceID.NotFound", malformed: "InvalidInstanceID.Malformed", noun: "instance" },
	image: { prefix: "ami-", notFound: "InvalidAMIID.NotFound", malformed: "InvalidAMIID.Malformed", noun: "image" },
	snapshot: { prefix: "snap-", notFound: "InvalidSnapshot.NotFound", malformed: "InvalidSnapshotID.Malformed", noun: "snapshot" },
	"launch-template": {
		prefix: "lt-",
		notFound: "InvalidLaunchTemplateId.NotFound",
		malformed: "InvalidLaunchTemplateId.Malformed",
		noun: "launch template",
	},
	subnet: { prefix: "subnet-", notFound: "InvalidSubnetID.NotFound", malformed: "InvalidSubnetID.Malformed", noun: "subnet" },
	vpc: { prefix: "vpc-", notFound: "InvalidVpcID.NotFound", malformed: "InvalidVpcID.Malformed", noun: "vpc" },
	"security-group": { prefix: "sg-", notFound: "InvalidGroup.NotFound", malformed: "InvalidGroupId.Malformed", noun: "security group" },
	"network-interface": {
		prefix: "eni-",
		notFound: "InvalidNetworkInterfaceID.NotFound",
		malformed: "InvalidNetworkInterfaceID.Malformed",
		noun: "networkInterface",
	},
	volume: { prefix: "vol-", notFound: "InvalidVolume.NotFound", malformed: "InvalidVolumeID.Malformed", noun: "volume" },
	"key-pair": { prefix: "key-", notFound: "InvalidKeyPair.NotFound", malformed: "InvalidKeyPair.Format", noun: "key pair" },
} as const;

export type ResourceType = keyof typeof RESOURCES;

/** The types of resources that have ids. */
export const RESOURCE_TYPES = Object.keys(RESOURCES) as readonly ResourceType[];

/** What an id says it stands for, by its prefix. */
export function resourceTypeOf(id: string): ResourceType | undefined {
	return RESOURCE_TYPES.find((type) => id.startsWith(RESOURCES[type].prefix));
}

/** AWS: 8 or 17 lower-case hexadecimal digits behind the prefix. Ids that exist are never measured by it (control-apis.md §2.2). */
const ID_DIGITS = /^([0-9a-f]{8}|[0-9a-f]{17})$/;

/**
 * Ids that stand for nothing: the first malformed one, or else all of them.
 *
 * @param ids one at least.
 */
export function noSuchResource(type: ResourceType, ids: readonly string[]): ApiError {
	const { prefix, notFound, malformed } = RESOURCES[type];
	const bad = ids.find((id) => !id.startsWith(prefix) || !ID_DIGITS.test(id.slice(prefix.length)));
	if (bad !== undefined) {
		return new ApiError(malformed, `Invalid id: "${bad}"${type === "instance" ? "" : ` (expecting "${prefix}...")`}`);
	}
	return new ApiError(notFound, notFoundMessage(type, ids));
}

function notFoundMessage(type: ResourceType, ids: readonly string[]): string {
	const list = ids.join(", ");
	const many = ids.length > 1;
	if (type === "image") return `The image id${many ? "s" : ""} '[${list}]' do${many ? "" : "es"} not exist`;
	if (type === "snapshot") return many ? `Snapshots '${list}' do not exist` : `Snapshot '${list}' does not exist`;
	if (type === "launch-template") return `The specified launch template, with template ID ${list}, does not exist.`;
	const { noun } = RESOURCES[type];
	return `The ${noun} ID${many ? "s" : ""} '${list}' do${many ? "" : "es"} not exist`;
}

export function imageUnavailable(imageId: string): ApiError {
	return new ApiError("InvalidAMIID.Unavailable", `The image id '[${imageId}]' is no longer available`);
}

export function keyPairNotFound(keyNames: readonly string[]): ApiError {
	const [plural, verb] = keyNames.length > 1 ? ["s", "do"] : ["", "does"];
	return new ApiError("InvalidKeyPair.NotFound", `The key pair${plural} '${keyNames.join(", ")}' ${verb} not exist`);
}

// States

export function incorrectInstanceState(message: string): ApiError {
	return new ApiError("IncorrectInstanceState", message);
}

export function incorrectState(message: string): ApiError {
	return new ApiError("IncorrectState", message);
}

/** Enforcement of IMDSv2 by the account (control-apis.md §1.3). */
export function imdsv2Enforced(): ApiError {
	return unsupportedOperation(
		"You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the instance with " +
			"httpTokens=required or contact your account owner to disable httpTokensEnforced using the ModifyInstanceMetadataDefaults API or " +
			"the account settings in the EC2 console.",
	);
}

/** Who has an organization decide does not decide (control-apis.md §1.4, our decision 3 of §8). */
export function managedByDeclarativePolicy(exceptionMessage: string | undefined): ApiError {
	const message = exceptionMessage ?? "The instance metadata defaults of this account are managed by a declarative policy.";
	return new ApiError("UnauthorizedOperation", message, 403);
}

export function noSuchAssociation(associationId: string): ApiError {
	return new ApiError("InvalidAssociationID.NotFound", `An invalid association-id of '${associationId}' was given`);
}

// The request as a whole

export function dryRunSucceeded(): ApiError {
	return new ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

/** An SDK tries again after either of these two. */
export function internalError(): ApiError {
	return new ApiError("InternalError", "An internal error has occurred", 500);
}

export function unavailable(cause?: Error): ApiError {
	const error = new ApiError("Unavailable", "The service can't use its store at the moment. Try again.", 503);
	error.cause = cause;
	return error;
}

// Tags, types, events

/** @param shown what was refused, where the message should quote it. */
export function invalidTag(message: string, shown?: string): ApiError {
	return invalidParameterValue(shown === undefined ? message : `${message}: '${[...shown].slice(0, 40).join("")}'`);
}

export function duplicateTagKey(key: string): ApiError {
	return invalidParameterValue(`Duplicate tag key '${key}' specified.`);
}

export function invalidTaggableType(resourceType: string): ApiError {
	return invalidParameterValue(`'${resourceType}' is not a valid taggable resource type for this operation.`);
}

/** An id that says nothing we know of what it stands for. */
export function invalidId(id: string): ApiError {
	return new ApiError("InvalidID", `The ID '${id}' is not valid`);
}

export function tagLimitExceeded(): ApiError {
	return new ApiError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
}

export function invalidInstanceTypes(names: readonly string[]): ApiError {
	return new ApiError("InvalidInstanceType", `The following supplied instance types do not exist: [${names.join(", ")}]`);
}

export function invalidRegions(names: readonly string[]): ApiError {
	return invalidParameterValue(`Invalid region names: ${names.join(", ")}`);
}

/** Zones by name or by id, which the Region does not have. */
export function invalidZones(zones: readonly string[]): ApiError {
	return invalidParameterValue(`Invalid availability zones: [${zones.join(", ")}]`);
}

export function spotRequestNotFound(ids: readonly string[]): ApiError {
	return new ApiError("InvalidSpotInstanceRequestID.NotFound", `The spot instance request ID '${ids.join(", ")}' does not exist`);
}

export function securityGroupNameNotFound(name: string, vpcId: string): ApiError {
	return new ApiError("InvalidGroup.NotFound", `The security group '${name}' does not exist in default VPC '${vpcId}'`);
}

export function notBurstable(instanceId: string): ApiError {
	return invalidParameterValue(`The instance '${instanceId}' is not a burstable performance instance.`);
}

export function instanceEventNotFound(eventId: string): ApiError {
	return new ApiError("InvalidInstanceEventIDNotFound", `The event ID '${eventId}' does not exist`);
}

export function invalidInstanceEventStartTime(message: string): ApiError {
	return new ApiError("InvalidInstanceEventStartTime", message);
}

// Images and snapshots

export function malformedImageName(name: string): ApiError {
	return new ApiError(
		"InvalidAMIName.Malformed",
		`'${name}' is not a valid AMI name. AMI names must be between 3 and 128 characters long, and may contain letters, numbers, spaces, ` +
			`'(', ')', '[', ']', '.', '-', '/', ''', '@' and '_'`,
	);
}

export function imageNameInUse(name: string, imageId: string): ApiError {
	return new ApiError("InvalidAMIName.Duplicate", `AMI name ${name} is already in use by AMI ${imageId}`);
}

/** Somebody else's image. */
export function notAuthorizedForImage(imageId: string): ApiError {
	return new ApiError("AuthFailure", `Not authorized for image:${imageId}`, 401);
}

export function invalidImageAttributeItem(value: string, item: string): ApiError {
	return new ApiError("InvalidAMIAttributeItemValue", `Invalid attribute item value "${value}" for ${item} item type.`);
}

export function invalidUserId(userId: string): ApiError {
	return new ApiError("InvalidUserID.Malformed", `Invalid user id: "${userId}"`);
}

export function invalidBlockDeviceMapping(message: string): ApiError {
	return new ApiError("InvalidBlockDeviceMapping", message);
}

export function snapshotInUse(snapshotId: string, imageId: string): ApiError {
	return new ApiError("InvalidSnapshot.InUse", `The snapshot ${snapshotId} is currently in use by ${imageId}`);
}

// Key pairs

export function invalidKeyFormat(message: string): ApiError {
	return new ApiError("InvalidKey.Format", message);
}

export function keyPairExists(keyName: string): ApiError {
	return new ApiError("InvalidKeyPair.Duplicate", `The keypair '${keyName}' already exists.`);
}

// Launch templates

export function launchTemplateNameInUse(): ApiError {
	return new ApiError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
}

export function launchTemplateNameNotFound(name: string): ApiError {
	return new ApiError(
		"InvalidLaunchTemplateName.NotFoundException",
		`The specified launch template, with template name ${name}, does not exist.`,
	);
}

export function malformedLaunchTemplateName(name: string): ApiError {
	return new ApiError(
		"InvalidLaunchTemplateName.MalformedException",
		`'${name}' is not a valid launch template name. It must be between 3 and 128 characters long, and may contain letters, numbers, ` +
			`'(', ')', '.', '-', '/' and '_'.`,
	);
}

export function launchTemplateVersionNotFound(launchTemplateId: string, version: string): ApiError {
	return new ApiError(
		"InvalidLaunchTemplateId.VersionNotFound",
		`Could not find the specified version ${version} for the launch template with ID ${launchTemplateId}.`,
	);
}

export function launchTemplateVersionLimitExceeded(launchTemplateId: string): ApiError {
	return new ApiError(
		"VersionLimitExceeded",
		`You have reached the limit on the size of all versions of the launch template ${launchTemplateId} together. Delete some of them.`,
	);
}
