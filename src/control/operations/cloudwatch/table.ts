import type { CloudwatchOperations } from "../../models/cloudwatch.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";
import { DeleteAlarms } from "./DeleteAlarms.ts";
import { DescribeAlarms } from "./DescribeAlarms.ts";
import { DescribeAlarmsForMetric } from "./DescribeAlarmsForMetric.ts";
import { GetMetricData } from "./GetMetricData.ts";
import { GetMetricStatistics } from "./GetMetricStatistics.ts";
import { ListMetrics } from "./ListMetrics.ts";
import { PutMetricAlarm } from "./PutMetricAlarm.ts";
import { PutMetricData } from "./PutMetricData.ts";
import { SetAlarmState } from "./SetAlarmState.ts";

/** Every operation of CloudWatch that there is here: one missing, or one too many, does not compile. */
export const CLOUDWATCH_OPERATIONS: { readonly [Name in keyof CloudwatchOperations]: CloudwatchOperation<Name> } = {
	GetMetricStatistics,
	GetMetricData,
	ListMetrics,
	PutMetricData,
	PutMetricAlarm,
	DescribeAlarms,
	DescribeAlarmsForMetric,
	DeleteAlarms,
	SetAlarmState,
};
