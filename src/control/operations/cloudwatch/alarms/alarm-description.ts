import type { Alarm } from "../../../../model/alarm.ts";
import type { MetricAlarm } from "../../../models/cloudwatch.ts";
import type { Call } from "../../../operation.ts";
import { alarmArn } from "./alarm-access.ts";

/** An alarm as it is told: what it was given is told in the names it was given in. */
export function describedAlarm(alarm: Alarm, call: Call): MetricAlarm {
	const { alarmName, configuration, state, stateReason, stateReasonData } = alarm;
	return {
		...(configuration as Partial<MetricAlarm>),
		AlarmName: alarmName,
		AlarmArn: alarmArn(alarmName, call),
		AlarmConfigurationUpdatedTimestamp: new Date(alarm.configurationUpdatedAtMs),
		// AWS: an alarm on one metric has dimensions, if none.
		Dimensions: configuration.Metrics === undefined ? (configuration.Dimensions ?? []) : [],
		StateValue: state,
		StateReason: stateReason,
		StateReasonData: stateReasonData,
		StateUpdatedTimestamp: new Date(alarm.stateUpdatedAtMs),
		StateTransitionedTimestamp: new Date(alarm.stateTransitionedAtMs),
	};
}
