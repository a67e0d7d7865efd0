import type { AlarmConfiguration } from "../../../model/alarm.ts";
import { invalidValue } from "../../cloudwatch-errors.ts";
import type { DescribeAlarmsForMetricInput } from "../../models/cloudwatch.ts";
import { isPeriod, PERIODS_ALLOWED } from "../../metrics/time-grid.ts";
import { alarmArn } from "./alarms/alarm-access.ts";
import { describedAlarm } from "./alarms/alarm-description.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { checkMetric } from "./metric-checks.ts";

/** AWS: alarms on the metric itself; not those on expressions that it is in. */
export const DescribeAlarmsForMetric: CloudwatchOperation<"DescribeAlarmsForMetric"> = {
	access: (_, call) => [{ resource: alarmArn("*", call) }],
	run(input, call) {
		checkMetric(input);
		if (input.Period !== undefined && !isPeriod(input.Period)) throw invalidValue("Period", input.Period, PERIODS_ALLOWED);
		const alarms = [...call.records.alarm.values()]
			.filter(({ configuration }) => watches(configuration, input))
			.sort((one, other) => (one.alarmName < other.alarmName ? -1 : 1));
		return { MetricAlarms: alarms.map((alarm) => describedAlarm(alarm, call)) };
	},
};

function watches(configuration: AlarmConfiguration, wanted: DescribeAlarmsForMetricInput): boolean {
	const { Dimensions: dimensions = [] } = configuration;
	const { Dimensions = [] } = wanted;
	return (
		configuration.Namespace === wanted.Namespace &&
		configuration.MetricName === wanted.MetricName &&
		dimensions.length === Dimensions.length &&
		Dimensions.every(({ Name, Value }) => dimensions.some((each) => each.Name === Name && each.Value === Value)) &&
		(["Statistic", "ExtendedStatistic", "Period", "Unit"] as const).every(
			(member) => wanted[member] === undefined || wanted[member] === configuration[member],
		)
	);
}
