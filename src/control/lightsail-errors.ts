// The errors of Lightsail (control-apis.md §2.11): few types, all of status 400; the message says what is wrong, in AWS's words where known.

import { ApiError } from "./errors.ts";

/** What a request says can't be. */
export function invalidInput(message: string): ApiError {
	return new ApiError("InvalidInputException", message);
}

/** What a request says is fine, but can't be done now. */
export function operationFailure(message: string): ApiError {
	return new ApiError("OperationFailureException", message);
}

/** @param resourceType as in `resourceType`: `Instance`, `KeyPair`; or `Operation`. */
export function doesNotExist(resourceType: string, name: string): ApiError {
	return new ApiError("NotFoundException", `The ${resourceType} does not exist: ${name}`);
}

export function namesInUse(names: readonly string[]): ApiError {
	return invalidInput(`Some names are already in use: ${names.join(", ")}`);
}

export function invalidResourceName(name: string): ApiError {
	return invalidInput(
		`${name} is not a valid resource name. Resource names must be at least 2 characters long and contain only alphanumerics, -, _, and .`,
	);
}

/** @param zones where there is something. */
export function invalidZone(zones: readonly string[]): ApiError {
	return invalidInput(`The given Availability Zone is invalid. It must be one of the following: ${zones.join(",")}.`);
}
