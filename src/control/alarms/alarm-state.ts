// The state of an alarm, by its last data points (CloudWatch guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data").

import type { AlarmComparison, AlarmConfiguration, AlarmState } from "../../model/alarm.ts";

/** AWS: looks back farther than EvaluationPeriods, how far isn't said; in the guide's tables it is 5 periods for 3. */
const EXTRA_PERIODS = 2;

/** How many periods an alarm looks at. */
export function evaluationRange({ EvaluationPeriods }: Pick<AlarmConfiguration, "EvaluationPeriods">): number {
	return EvaluationPeriods + EXTRA_PERIODS;
}

/** What an evaluation comes to. */
export interface AlarmEvaluation {
	/** `undefined`: the alarm keeps the state that it has. */
	readonly state: AlarmState | undefined;
	/** The data points that it was decided by, by their places among the values. */
	readonly evaluated: readonly number[];
	/** How many periods without data were needed in their stead. */
	readonly missing: number;
}

/**
 * Evaluates an alarm.
 *
 * AWS: the last EvaluationPeriods data points that there are decide, from as far back as the range goes. Only if there are fewer, missing
 * ones are taken for what TreatMissingData says, as few as possible. An alarm whose data points all breach, fewer than it needs, goes to
 * ALARM nevertheless once the oldest of them is as old as the data points that it needs ("Avoiding premature transitions to alarm state").
 *
 * @param values of the {@link evaluationRange}, the newest last; NaN: missing.
 */
export function evaluateAlarm(values: ArrayLike<number>, configuration: AlarmConfiguration): AlarmEvaluation {
	const { EvaluationPeriods: periods, DatapointsToAlarm: needed = periods, TreatMissingData: treatment = "missing" } = configuration;
	const existing = Array.from(values, (_, index) => index).filter((index) => !Number.isNaN(values[index]));
	const evaluated = existing.slice(-periods);
	const missing = periods - evaluated.length;
	const breaching = evaluated.filter((index) => breaches(values[index]!, configuration));
	const decided = (state: AlarmState | undefined): AlarmEvaluation => ({ state, evaluated, missing });
	const takenForBreaching = treatment === "breaching" ? missing : 0;
	if (breaching.length + takenForBreaching >= needed) return decided("ALARM");
	if (missing === 0 || treatment === "breaching" || treatment === "notBreaching") return decided("OK");
	if (breaching.length < evaluated.length) return decided("OK");
	if (treatment === "ignore") return decided(undefined);
	const [oldest] = breaching;
	const age = oldest === undefined ? 0 : values.length - oldest;
	return decided(age >= needed ? "ALARM" : "INSUFFICIENT_DATA");
}

/** Whether a value is on the wrong side of an alarm's threshold. */
export function breaches(
	value: number,
	{ ComparisonOperator, Threshold }: Pick<AlarmConfiguration, "ComparisonOperator" | "Threshold">,
): boolean {
	return COMPARISONS[ComparisonOperator](value, Threshold);
}

const COMPARISONS: Readonly<Record<AlarmComparison, (value: number, threshold: number) => boolean>> = {
	GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
	GreaterThanThreshold: (value, threshold) => value > threshold,
	LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
	LessThanThreshold: (value, threshold) => value < threshold,
};
