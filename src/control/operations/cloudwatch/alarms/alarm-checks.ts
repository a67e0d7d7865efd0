// What PutMetricAlarm takes (CloudWatch API reference), and what of it is not here.

import type { AlarmComparison, AlarmConfiguration, MissingDataTreatment } from "../../../../model/alarm.ts";
import { withoutUndefined } from "../../../../model/without-undefined.ts";
import { constraintViolated, validationError } from "../../../errors.ts";
import { alarmPlan } from "../../../alarms/alarm-plan.ts";
import type { PutMetricAlarmInput } from "../../../models/cloudwatch.ts";
import { isPeriod } from "../../../metrics/time-grid.ts";
import { statisticOf, STATISTICS_ALLOWED } from "../../../metrics/statistic.ts";
import { checkLength, checkMetric } from "../metric-checks.ts";

const DESCRIPTION_MAX = 1_024;
const ACTIONS_MAX = 5;
const ACTION_MAX = 1_024;
const QUERIES_MAX = 20;
/** AWS: an alarm looks back a week, or a day where its period is less than an hour. */
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 604_800;

const COMPARISONS: readonly string[] = [
	"GreaterThanOrEqualToThreshold",
	"GreaterThanThreshold",
	"LessThanOrEqualToThreshold",
	"LessThanThreshold",
] satisfies AlarmComparison[];
const TREATMENTS: readonly string[] = ["breaching", "notBreaching", "ignore", "missing"] satisfies MissingDataTreatment[];

/**
 * What an alarm is to watch.
 *
 * @throws {ApiError} `ValidationError` for what AWS refuses, and for alarms of kinds that are not here.
 */
export function checkedConfiguration(input: PutMetricAlarmInput, accountId: string): AlarmConfiguration {
	checkKind(input);
	checkActions(input);
	const { Threshold, ComparisonOperator, EvaluationPeriods, DatapointsToAlarm, TreatMissingData, EvaluateLowSampleCountPercentile } = input;
	if (ComparisonOperator === undefined || !COMPARISONS.includes(ComparisonOperator)) {
		throw validationError(`PutMetricAlarm request should have a valid ComparisonOperator parameter: ${COMPARISONS.join(", ")}`);
	}
	if (Threshold === undefined || !Number.isFinite(Threshold)) {
		throw validationError("PutMetricAlarm request should have valid Threshold parameter");
	}
	if (EvaluationPeriods === undefined) throw validationError("PutMetricAlarm request should have an EvaluationPeriods parameter");
	checkAtLeastOne("evaluationPeriods", EvaluationPeriods);
	checkAtLeastOne("datapointsToAlarm", DatapointsToAlarm ?? 1);
	if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods) {
		throw validationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
	}
	if (TreatMissingData !== undefined && !TREATMENTS.includes(TreatMissingData)) {
		throw validationError("Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing.");
	}
	// Gap: it is kept and shown; percentiles are evaluated however few samples there are.
	if (EvaluateLowSampleCountPercentile !== undefined && !["evaluate", "ignore"].includes(EvaluateLowSampleCountPercentile)) {
		throw validationError("Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore.");
	}
	if (input.Metrics === undefined || input.Metrics.length === 0) checkSingleMetric(input, EvaluationPeriods);
	else checkMetrics(input, EvaluationPeriods);
	const configuration = configurationOf(input, { Threshold, ComparisonOperator: ComparisonOperator as AlarmComparison, EvaluationPeriods });
	// What can't be evaluated now never can.
	alarmPlan(configuration, accountId);
	return configuration;
}

/** Gap: alarms on bands of anomaly detection, on PromQL, on log queries, warm-up, and windows on other clocks than UTC's. */
function checkKind(input: PutMetricAlarmInput): void {
	const { EvaluationCriteria, EvaluationInterval, ThresholdMetricId, ComparisonOperator, WarmUpConfiguration, EvaluationWindow } = input;
	if (EvaluationCriteria !== undefined || EvaluationInterval !== undefined) {
		throw validationError("EvaluationCriteria and EvaluationInterval are for alarms on PromQL, which OpenIMDS does not have.");
	}
	if (ThresholdMetricId !== undefined || /Lower|Upper/.test(ComparisonOperator ?? "")) {
		const given = ThresholdMetricId === undefined ? `ComparisonOperator ${ComparisonOperator}` : "ThresholdMetricId";
		throw validationError(
			`${given} is for alarms on anomaly detection, which OpenIMDS does not have. Give a Threshold and one of ${COMPARISONS.join(", ")}.`,
		);
	}
	if (WarmUpConfiguration !== undefined)
		throw validationError("WarmUpConfiguration is not supported by OpenIMDS: alarms are evaluated from the next minute on.");
	const timezone = EvaluationWindow?.WallClockWindow?.Timezone;
	if (timezone !== undefined && timezone !== "UTC") {
		throw validationError(`EvaluationWindow.WallClockWindow.Timezone is ${timezone}. OpenIMDS evaluates alarms by the clock of UTC alone.`);
	}
}

function checkActions({ AlarmDescription, OKActions = [], AlarmActions = [], InsufficientDataActions = [] }: PutMetricAlarmInput): void {
	if (AlarmDescription !== undefined && AlarmDescription.length > DESCRIPTION_MAX) {
		throw constraintViolated("alarmDescription", AlarmDescription, `have length less than or equal to ${DESCRIPTION_MAX}`);
	}
	for (const [member, actions] of Object.entries({
		oKActions: OKActions,
		alarmActions: AlarmActions,
		insufficientDataActions: InsufficientDataActions,
	})) {
		if (actions.length > ACTIONS_MAX)
			throw constraintViolated(member, actions.join(", "), `have length less than or equal to ${ACTIONS_MAX}`);
		for (const action of actions) {
			checkLength(member, action, ACTION_MAX);
			if (!/^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:.+$/.test(action)) throw validationError(`Invalid arn syntax: ${action}`);
		}
	}
}

function checkSingleMetric(input: PutMetricAlarmInput, evaluationPeriods: number): void {
	const { MetricName, Namespace, Statistic, ExtendedStatistic, Period } = input;
	if (MetricName === undefined) throw validationError("MetricName must not be null");
	if (Namespace === undefined) throw validationError("Namespace must not be null");
	checkMetric(input);
	if (Statistic !== undefined && ExtendedStatistic !== undefined) {
		throw validationError(
			"PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only one of them should be present",
		);
	}
	if (Statistic === undefined && ExtendedStatistic === undefined)
		throw validationError("PutMetricAlarm request should have a Statistic parameter");
	if (ExtendedStatistic !== undefined && typeof statisticOf(ExtendedStatistic) !== "number") {
		throw validationError(
			`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported. It must be ${STATISTICS_ALLOWED.replace(/^.*, or /, "")}.`,
		);
	}
	if (Period === undefined) throw validationError("PutMetricAlarm request should have a Period parameter");
	checkPeriod(Period, evaluationPeriods);
}

function checkMetrics(input: PutMetricAlarmInput, evaluationPeriods: number): void {
	const { Metrics = [], MetricName, Namespace, Dimensions, Period, Unit, Statistic, ExtendedStatistic } = input;
	if ([MetricName, Namespace, Dimensions, Period, Unit, Statistic, ExtendedStatistic].some((each) => each !== undefined)) {
		throw validationError("Scalar metric parameters must not be set if list of Metrics is set.");
	}
	if (Metrics.length > QUERIES_MAX) throw constraintViolated("metrics", Metrics.length, `have length less than or equal to ${QUERIES_MAX}`);
	if (Metrics.filter(({ ReturnData }) => ReturnData !== false).length !== 1) {
		throw validationError("Exactly one element of the metrics list should return data.");
	}
	for (const { MetricStat, Period } of Metrics) {
		if (MetricStat !== undefined) checkMetric(MetricStat.Metric);
		for (const seconds of [MetricStat?.Period ?? [], Period ?? []].flat()) checkPeriod(seconds, evaluationPeriods);
	}
}

/** AWS: in these words (terraform-provider-aws and others quote them). */
function checkPeriod(seconds: number, evaluationPeriods: number): void {
	if (!isPeriod(seconds) || seconds < 10) throw validationError("Period must be 10, 20, 30 or a multiple of 60");
	const total = seconds * evaluationPeriods;
	if (seconds < 3_600 && total > DAY_SECONDS) {
		throw validationError(
			`Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= ${DAY_SECONDS}) for alarms using period < 3600`,
		);
	}
	if (total > WEEK_SECONDS) {
		throw validationError(
			`Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= ${WEEK_SECONDS}) for alarms using period >= 3600`,
		);
	}
}

function checkAtLeastOne(member: string, value: number): void {
	if (value < 1) throw constraintViolated(member, value, "have value greater than or equal to 1");
}

function configurationOf(
	input: PutMetricAlarmInput,
	checked: Pick<AlarmConfiguration, "Threshold" | "ComparisonOperator" | "EvaluationPeriods">,
): AlarmConfiguration {
	const { AlarmName: _name, Tags: _tags, Metrics = [], ...rest } = input;
	return withoutUndefined<object>({
		...rest,
		...checked,
		Metrics: Metrics.length === 0 ? undefined : Metrics.map((query) => withoutUndefined(query)),
		ActionsEnabled: input.ActionsEnabled ?? true,
		OKActions: input.OKActions ?? [],
		AlarmActions: input.AlarmActions ?? [],
		InsufficientDataActions: input.InsufficientDataActions ?? [],
	}) as AlarmConfiguration;
}
