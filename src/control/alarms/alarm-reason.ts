// Why an alarm is in its state, in AWS's words (as they stand in the notifications that many have published).

import type { AlarmComparison, AlarmConfiguration, AlarmState } from "../../model/alarm.ts";
import { type AlarmEvaluation, breaches } from "./alarm-state.ts";
import type { TimeSeries } from "../metrics/time-series.ts";

/** Data points that a reason tells: an alarm may have a thousand, and a reason has 1023 characters. */
const POINTS_TOLD = 10;

const WORDS: Readonly<Record<AlarmComparison, string>> = {
	GreaterThanOrEqualToThreshold: "greater than or equal to",
	GreaterThanThreshold: "greater than",
	LessThanOrEqualToThreshold: "less than or equal to",
	LessThanThreshold: "less than",
};

/** The state that an evaluation came to, and the values that it was of. */
export interface ReasonFacts {
	readonly state: AlarmState;
	readonly evaluation: AlarmEvaluation;
	readonly series: Pick<TimeSeries, "grid" | "values">;
}

/** A sentence for people. */
export function stateReason({ state, evaluation: { evaluated, missing }, series }: ReasonFacts, configuration: AlarmConfiguration): string {
	const { EvaluationPeriods: periods, DatapointsToAlarm: needed = periods, Threshold, ComparisonOperator } = configuration;
	if (state === "INSUFFICIENT_DATA") return `Insufficient Data: ${counted(missing, "datapoint")} ${were(missing)} unknown.`;
	const treated = `${counted(missing, "missing datapoint")} ${were(missing)} treated as [${treatmentOf(configuration)}]`;
	if (evaluated.length === 0) return `Threshold Crossed: no datapoints were received for ${counted(periods, "period")} and ${treated}.`;
	const alarming = state === "ALARM";
	const told = evaluated.filter((index) => breaches(series.values[index]!, configuration) === alarming);
	const crossed = `${were(told.length)} ${alarming ? "" : "not "}${WORDS[ComparisonOperator]} the threshold (${decimal(Threshold)})`;
	const points = `[${told
		.slice(-POINTS_TOLD)
		.map((index) => pointOf(index, series))
		.join(", ")}${told.length > POINTS_TOLD ? ", ..." : ""}]`;
	if (missing > 0) return `Threshold Crossed: ${counted(told.length, "datapoint")} ${points} ${crossed} and ${treated}.`;
	const [enough, transition] = alarming ? [needed, "OK -> ALARM"] : [periods - needed + 1, "ALARM -> OK"];
	return (
		`Threshold Crossed: ${told.length} out of the last ${periods} datapoints ${points} ${crossed} ` +
		`(minimum ${counted(enough, "datapoint")} for ${transition} transition).`
	);
}

/** The same for programs: JSON. */
export function stateReasonData(
	{ evaluation: { evaluated }, series }: ReasonFacts,
	configuration: AlarmConfiguration,
	nowMs: number,
): string {
	const { Statistic, ExtendedStatistic, Period, Unit, Threshold } = configuration;
	const told = evaluated.slice(-POINTS_TOLD);
	return JSON.stringify({
		version: "1.0",
		queryDate: dateOf(nowMs),
		...(told[0] !== undefined && { startDate: dateOf(timeOf(told[0], series)) }),
		...(Unit !== undefined && { unit: Unit }),
		...(Period !== undefined && { statistic: Statistic ?? ExtendedStatistic, period: Period }),
		recentDatapoints: told.map((index) => series.values[index]),
		threshold: Threshold,
		evaluatedDatapoints: told.toReversed().map((index) => ({ timestamp: dateOf(timeOf(index, series)), value: series.values[index] })),
	});
}

function treatmentOf({ TreatMissingData = "missing" }: AlarmConfiguration): string {
	return { breaching: "Breaching", notBreaching: "NonBreaching", ignore: "Ignore", missing: "Missing" }[TreatMissingData];
}

function timeOf(index: number, { grid }: ReasonFacts["series"]): number {
	return grid.fromMs + index * grid.stepMs;
}

/** `0.0 (28/06/22 01:55:00)` */
function pointOf(index: number, series: ReasonFacts["series"]): string {
	const [year, month, day, time] = new Date(timeOf(index, series)).toISOString().split(/[-T.]/);
	return `${decimal(series.values[index]!)} (${day}/${month}/${year!.slice(2)} ${time})`;
}

function dateOf(ms: number): string {
	return new Date(ms).toISOString().replace("Z", "+0000");
}

function decimal(value: number): string {
	return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function were(count: number): string {
	return count === 1 ? "was" : "were";
}
