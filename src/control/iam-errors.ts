// The errors of IAM and STS (control-apis.md §2.13), in AWS's codes and, where known, AWS's words.

import { ApiError, validationError } from "./errors.ts";
import { shortened } from "./wire/wire-error.ts";

// Values

export function invalidInput(message: string): ApiError {
	return new ApiError("InvalidInput", message);
}

/** AWS: a caller who is no user must say whom it means. */
export function userNameNeeded(): ApiError {
	return validationError("Must specify userName when calling with non-User credentials");
}

export function invalidArn(arn: string): ApiError {
	return invalidInput(`ARN ${shortened(arn)} is not valid.`);
}

/** @param reason names the statement, the key, the value and what is allowed. */
export function malformedPolicyDocument(reason: string): ApiError {
	return new ApiError("MalformedPolicyDocument", reason);
}

// What is not there

export function noSuchRole(roleName: string): ApiError {
	return noSuchEntity(`The role with name ${roleName} cannot be found.`);
}

export function noSuchUser(userName: string): ApiError {
	return noSuchEntity(`The user with name ${userName} cannot be found.`);
}

export function noSuchInstanceProfile(instanceProfileName: string): ApiError {
	return noSuchEntity(`Instance Profile ${instanceProfileName} cannot be found.`);
}

export function noSuchInlinePolicy(kind: "role" | "user", policyName: string): ApiError {
	return noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
}

export function noSuchPolicy(policyArn: string): ApiError {
	return noSuchEntity(`Policy ${policyArn} was not found.`);
}

export function notAttachable(policyArn: string): ApiError {
	return noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
}

export function noSuchBoundary(policyArn: string): ApiError {
	return noSuchEntity(`Scope ARN: ${policyArn} does not exist or is not attachable.`);
}

export function noSuchPolicyVersion(policyArn: string, versionId: string): ApiError {
	return noSuchEntity(`Policy ${policyArn} version ${versionId} does not exist or is not attachable.`);
}

export function noSuchAccessKey(accessKeyId: string): ApiError {
	return noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
}

function noSuchEntity(message: string): ApiError {
	return new ApiError("NoSuchEntity", message, 404);
}

// What stands in the way

/** @param what such as `Role with name admin`. */
export function alreadyExists(what: string): ApiError {
	return new ApiError("EntityAlreadyExists", `${what} already exists.`, 409);
}

export function policyAlreadyExists(policyName: string): ApiError {
	return new ApiError("EntityAlreadyExists", `A policy called ${policyName} already exists. Duplicate names are not allowed.`, 409);
}

export function deleteConflict(message: string): ApiError {
	return new ApiError("DeleteConflict", message, 409);
}

/** @param what of which there is too much, as AWS calls it: `AccessKeysPerUser`. */
export function quotaExceeded(what: string, quota: number): ApiError {
	return limitExceeded(`Cannot exceed quota for ${what}: ${quota}`);
}

export function limitExceeded(message: string): ApiError {
	return new ApiError("LimitExceeded", message, 409);
}

/** @param percent of what a session's policies and tags may take, packed. */
export function packedPolicyTooLarge(percent: number): ApiError {
	return new ApiError("PackedPolicyTooLarge", `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`);
}

// Who may not

/** AWS: its own policies belong to another account, where nobody may change anything. */
export function ownedByAws(callerArn: string, action: string, policyArn: string): ApiError {
	return accessDenied(`User: ${callerArn} is not authorized to perform: ${action} on resource: policy ${policyArn}`);
}

export function accessDenied(message: string): ApiError {
	return new ApiError("AccessDenied", message, 403);
}

export function invalidAuthorizationMessage(): ApiError {
	return new ApiError("InvalidAuthorizationMessageException", "Message is not valid");
}
