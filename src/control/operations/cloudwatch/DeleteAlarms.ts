import { alarmId } from "../../../model/alarm.ts";
import { constraintViolated } from "../../errors.ts";
import { alarmNeeds } from "./alarms/alarm-access.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";

/** AWS: in one request. */
const NAMES_MAX = 100;

/** AWS: names that no alarm has are passed over, and the others are deleted (CloudWatch API reference, DeleteAlarms). */
export const DeleteAlarms: CloudwatchOperation<"DeleteAlarms"> = {
	access: ({ AlarmNames }, call) => alarmNeeds(AlarmNames, call),
	async run({ AlarmNames }, { inventory }) {
		if (AlarmNames.length > NAMES_MAX)
			throw constraintViolated("alarmNames", AlarmNames.length, `have length less than or equal to ${NAMES_MAX}`);
		for (const alarmName of AlarmNames) await inventory.remove("alarm", alarmId(alarmName), `The alarm ${alarmName}`);
	},
};
