// The errors of CloudWatch (control-apis.md §2.12), in AWS's codes and, where known, AWS's words.

import { ApiError, invalidParameterCombination, invalidParameterValue } from "./errors.ts";
import { shortened } from "./wire/wire-error.ts";

/** @param allowed what it could be instead, as a sentence's end: `a multiple of 60`. */
export function invalidValue(parameter: string, value: string | number, allowed: string): ApiError {
	return invalidParameterValue(`The value ${shortened(String(value))} for parameter ${parameter} is invalid. It must be ${allowed}.`);
}

/** AWS: "You have requested up to 86400 datapoints, …" (seen in cloud-custodian#7683). */
export function tooManyDatapoints(count: number, limit: number): ApiError {
	const [requested, allowed] = [count, limit].map((each) => each.toLocaleString("en-US"));
	return invalidParameterCombination(
		`You have requested up to ${requested} datapoints, which exceeds the limit of ${allowed}. ` +
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
	);
}

/** AWS: its own namespaces take no data from others; the message names what they begin with (seen in boto3#1847). */
export function reservedNamespace(): ApiError {
	return invalidParameterValue("The value AWS/ for parameter Namespace is invalid.");
}

export function alarmNotFound(alarmName: string): ApiError {
	return new ApiError("ResourceNotFound", `The alarm ${shortened(alarmName)} does not exist`, 404);
}

export function alarmLimitExceeded(limit: number): ApiError {
	return new ApiError("LimitExceeded", `The maximum number of alarms, ${limit}, has been reached.`);
}

/** A text that should be JSON. */
export function invalidFormat(parameter: string): ApiError {
	return new ApiError("InvalidFormat", `The parameter ${parameter} is not syntactically valid JSON.`);
}
