import { validationError } from "../../../errors.ts";
import { checkLength } from "../metric-checks.ts";

/** AWS: characters of an alarm's name (CloudWatch API reference, PutMetricAlarm). */
const NAME_MAX = 255;

/** @throws {ApiError} `ValidationError` for a name that no alarm can have. */
export function checkAlarmName(alarmName: string, member = "alarmName"): void {
	checkLength(member, alarmName, NAME_MAX);
	if (/\p{Cc}/u.test(alarmName)) throw validationError("AlarmName must not contain ASCII Control characters");
}
