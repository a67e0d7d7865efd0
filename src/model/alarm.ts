import { derivedUuid } from "./ids.ts";
import type { Tag } from "./tag.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** An alarm of CloudWatch: what it watches, and what came of that. */
export interface Alarm {
	readonly alarmName: string;
	readonly configuration: AlarmConfiguration;
	readonly configurationUpdatedAtMs: number;
	readonly state: AlarmState;
	readonly stateReason: string;
	/** JSON, for programs. */
	readonly stateReasonData?: string;
	/** When the state was last told, and when it last became another. */
	readonly stateUpdatedAtMs: number;
	readonly stateTransitionedAtMs: number;
	readonly tags: readonly Tag[];
}

/** What PutMetricAlarm was given, by its names: the APIs show it as it was given, and it is evaluated as GetMetricData's queries are. */
export interface AlarmConfiguration {
	readonly AlarmDescription?: string;
	readonly ActionsEnabled: boolean;
	readonly OKActions: readonly string[];
	readonly AlarmActions: readonly string[];
	readonly InsufficientDataActions: readonly string[];
	readonly MetricName?: string;
	readonly Namespace?: string;
	readonly Dimensions?: readonly AlarmDimension[];
	readonly Statistic?: "Average" | "Maximum" | "Minimum" | "SampleCount" | "Sum";
	readonly ExtendedStatistic?: string;
	readonly Period?: number;
	readonly Unit?: string;
	readonly Metrics?: readonly AlarmQuery[];
	readonly EvaluationPeriods: number;
	/** Missing: as many as EvaluationPeriods. */
	readonly DatapointsToAlarm?: number;
	readonly Threshold: number;
	readonly ComparisonOperator: AlarmComparison;
	/** Missing: `missing`. */
	readonly TreatMissingData?: MissingDataTreatment;
	readonly EvaluateLowSampleCountPercentile?: string;
	readonly EvaluationWindow?: object;
	readonly ActionConfiguration?: object;
}

export type AlarmComparison = "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanOrEqualToThreshold" | "LessThanThreshold";

/** What a period is taken for of which nothing is known. */
export type MissingDataTreatment = "breaching" | "notBreaching" | "ignore" | "missing";

export interface AlarmDimension {
	readonly Name: string;
	readonly Value: string;
}

/** One of the queries that an alarm on metric math is made of. */
export interface AlarmQuery {
	readonly Id: string;
	readonly MetricStat?: {
		readonly Metric: { readonly Namespace?: string; readonly MetricName?: string; readonly Dimensions?: readonly AlarmDimension[] };
		readonly Period: number;
		readonly Stat: string;
		readonly Unit?: string;
	};
	readonly Expression?: string;
	readonly Label?: string;
	readonly ReturnData?: boolean;
	readonly Period?: number;
}

/** What an alarm's record is known by: names are longer than the keys of a store may be. */
export function alarmId(alarmName: string): string {
	return derivedUuid("alarm", alarmName);
}
