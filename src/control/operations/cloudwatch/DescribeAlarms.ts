import { alarmId } from "../../../model/alarm.ts";
import { constraintViolated, validationError } from "../../errors.ts";
import { page } from "../../pagination.ts";
import type { DescribeAlarmsInput } from "../../models/cloudwatch.ts";
import type { Call } from "../../operation.ts";
import { alarmArn, alarmNeeds } from "./alarms/alarm-access.ts";
import { describedAlarm } from "./alarms/alarm-description.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { placeOf, tokenFor } from "./request-token.ts";

/** AWS: alarms a page, and names in a request (CloudWatch API reference, DescribeAlarms). */
const RECORDS_MAX = 100;
const NAMES_MAX = 100;

/** Gap: there are no composite alarms and no log alarms; asked for, none are told. */
export const DescribeAlarms: CloudwatchOperation<"DescribeAlarms"> = {
	access: ({ AlarmNames = [] }, call) => (AlarmNames.length === 0 ? [{ resource: alarmArn("*", call) }] : alarmNeeds(AlarmNames, call)),
	run(input, call) {
		checkInput(input);
		const { AlarmTypes = ["MetricAlarm"], MaxRecords = RECORDS_MAX } = input;
		const place = placeOf("DescribeAlarms", input);
		const alarms = AlarmTypes.length === 0 || AlarmTypes.includes("MetricAlarm") ? alarmsOf(input, call) : [];
		const { items, nextToken } = page(alarms, { MaxResults: MaxRecords, NextToken: place }, ({ alarmName }) => alarmName, {
			min: 1,
			max: RECORDS_MAX,
		});
		return {
			MetricAlarms: items.map((alarm) => describedAlarm(alarm, call)),
			CompositeAlarms: [],
			...(AlarmTypes.includes("LogAlarm") && { LogAlarms: [] }),
			NextToken: nextToken && tokenFor("DescribeAlarms", input, nextToken),
		};
	},
};

function checkInput({ AlarmNames = [], AlarmNamePrefix, MaxRecords = RECORDS_MAX, ...rest }: DescribeAlarmsInput): void {
	if (AlarmNames.length > NAMES_MAX)
		throw constraintViolated("alarmNames", AlarmNames.length, `have length less than or equal to ${NAMES_MAX}`);
	if (AlarmNames.length > 0 && AlarmNamePrefix !== undefined) {
		throw validationError("The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.");
	}
	if (MaxRecords < 1) throw constraintViolated("maxRecords", MaxRecords, "have value greater than or equal to 1");
	if (MaxRecords > RECORDS_MAX) throw constraintViolated("maxRecords", MaxRecords, `have value less than or equal to ${RECORDS_MAX}`);
	const { ChildrenOfAlarmName, ParentsOfAlarmName, NextToken: _, ...filters } = rest;
	const [family] = Object.entries({ ChildrenOfAlarmName, ParentsOfAlarmName }).filter(([, name]) => name !== undefined);
	if (family === undefined) return;
	const others = [AlarmNamePrefix, ...Object.values(filters), AlarmNames.length > 0 || undefined];
	if (others.some((each) => each !== undefined) || (ChildrenOfAlarmName !== undefined && ParentsOfAlarmName !== undefined)) {
		throw validationError(`${family[0]} can be used with MaxRecords and NextToken alone.`);
	}
}

function alarmsOf(input: DescribeAlarmsInput, { records: { alarm } }: Call) {
	const { AlarmNames = [], AlarmNamePrefix = "", StateValue, ActionPrefix, ChildrenOfAlarmName, ParentsOfAlarmName } = input;
	// Only composite alarms have children, and are parents.
	if (ChildrenOfAlarmName !== undefined || ParentsOfAlarmName !== undefined) return [];
	const named = AlarmNames.length === 0 ? [...alarm.values()] : [...new Set(AlarmNames)].flatMap((name) => alarm.get(alarmId(name)) ?? []);
	return named.filter(
		({ alarmName, state, configuration: { OKActions, AlarmActions, InsufficientDataActions } }) =>
			alarmName.startsWith(AlarmNamePrefix) &&
			(StateValue === undefined || StateValue === state) &&
			(ActionPrefix === undefined ||
				[...OKActions, ...AlarmActions, ...InsufficientDataActions].some((action) => action.startsWith(ActionPrefix))),
	);
}
