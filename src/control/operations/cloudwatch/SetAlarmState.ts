import { alarmId } from "../../../model/alarm.ts";
import { alarmNotFound, invalidFormat } from "../../cloudwatch-errors.ts";
import { constraintViolated } from "../../errors.ts";
import { alarmNeeds } from "./alarms/alarm-access.ts";
import { checkAlarmName } from "./alarms/alarm-name-checks.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";

/** AWS: characters of a reason (CloudWatch API reference, SetAlarmState). */
const REASON_MAX = 1_023;
const REASON_DATA_MAX = 4_000;

/** AWS: for as long as the next evaluation comes to something else. */
export const SetAlarmState: CloudwatchOperation<"SetAlarmState"> = {
	access: ({ AlarmName }, call) => alarmNeeds([AlarmName], call),
	async run({ AlarmName, StateValue, StateReason, StateReasonData }, { inventory, nowMs }) {
		checkAlarmName(AlarmName);
		if (StateReason.length > REASON_MAX)
			throw constraintViolated("stateReason", StateReason, `have length less than or equal to ${REASON_MAX}`);
		if (StateReasonData !== undefined) checkReasonData(StateReasonData);
		const after = await inventory.update("alarm", alarmId(AlarmName), (before) => {
			const { stateReasonData: _, ...rest } = before;
			return {
				...rest,
				state: StateValue,
				stateReason: StateReason,
				...(StateReasonData !== undefined && { stateReasonData: StateReasonData }),
				stateUpdatedAtMs: nowMs,
				stateTransitionedAtMs: before.state === StateValue ? before.stateTransitionedAtMs : nowMs,
			};
		});
		if (after === undefined) throw alarmNotFound(AlarmName);
	},
};

function checkReasonData(text: string): void {
	if (text.length > REASON_DATA_MAX)
		throw constraintViolated("stateReasonData", text, `have length less than or equal to ${REASON_DATA_MAX}`);
	try {
		JSON.parse(text);
	} catch {
		throw invalidFormat("StateReasonData");
	}
}
