import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlarmConfiguration } from "../../model/alarm.ts";
import { stateReason, stateReasonData } from "./alarm-reason.ts";
import { evaluateAlarm } from "./alarm-state.ts";

const NOW = Date.parse("2022-06-28T01:57:35.603Z");

const CONFIGURATION: AlarmConfiguration = {
	ActionsEnabled: true,
	OKActions: [],
	AlarmActions: [],
	InsufficientDataActions: [],
	Statistic: "Sum",
	Period: 60,
	EvaluationPeriods: 1,
	Threshold: 0,
	ComparisonOperator: "LessThanOrEqualToThreshold",
};

/** The reason for the state that values come to; the last of them is of 01:55. */
function facts(values: readonly number[], configuration: AlarmConfiguration) {
	const grid = {
		fromMs: Date.parse("2022-06-28T01:56:00Z") - values.length * 60_000,
		periodSeconds: 60,
		stepMs: 60_000,
		length: values.length,
	};
	const evaluation = evaluateAlarm(values, configuration);
	return { state: evaluation.state!, evaluation, series: { grid, values: Float64Array.from(values) } };
}

function reason(values: readonly number[], more: Partial<AlarmConfiguration> = {}): string {
	const configuration = { ...CONFIGURATION, ...more };
	return stateReason(facts(values, configuration), configuration);
}

test("reasons are worded as those that AWS's notifications show", () => {
	assert.equal(
		reason([NaN, NaN, 0]),
		"Threshold Crossed: 1 out of the last 1 datapoints [0.0 (28/06/22 01:55:00)] was less than or equal to the threshold (0.0) " +
			"(minimum 1 datapoint for OK -> ALARM transition).",
	);
	assert.equal(
		reason([1, 2.5, 3], { EvaluationPeriods: 2, ComparisonOperator: "GreaterThanThreshold" }),
		"Threshold Crossed: 2 out of the last 2 datapoints [2.5 (28/06/22 01:54:00), 3.0 (28/06/22 01:55:00)] were greater than the threshold (0.0) " +
			"(minimum 2 datapoints for OK -> ALARM transition).",
	);
	assert.equal(
		reason([0, 0], { ComparisonOperator: "GreaterThanOrEqualToThreshold", Threshold: 1 }),
		"Threshold Crossed: 1 out of the last 1 datapoints [0.0 (28/06/22 01:55:00)] was not greater than or equal to the threshold (1.0) " +
			"(minimum 1 datapoint for ALARM -> OK transition).",
	);
	assert.equal(
		reason([NaN, NaN], { TreatMissingData: "notBreaching" }),
		"Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
	);
	assert.equal(
		reason([NaN, NaN, NaN, 0], {
			EvaluationPeriods: 2,
			ComparisonOperator: "LessThanThreshold",
			Threshold: 1,
			TreatMissingData: "breaching",
		}),
		"Threshold Crossed: 1 datapoint [0.0 (28/06/22 01:55:00)] was less than the threshold (1.0) and 1 missing datapoint was treated as [Breaching].",
	);
	assert.equal(reason([NaN, NaN, NaN], { EvaluationPeriods: 3 }), "Insufficient Data: 3 datapoints were unknown.");
});

test("programs are told the same as JSON", () => {
	assert.deepEqual(JSON.parse(stateReasonData(facts([5, 0], { ...CONFIGURATION, EvaluationPeriods: 2 }), CONFIGURATION, NOW)), {
		version: "1.0",
		queryDate: "2022-06-28T01:57:35.603+0000",
		startDate: "2022-06-28T01:54:00.000+0000",
		statistic: "Sum",
		period: 60,
		recentDatapoints: [5, 0],
		threshold: 0,
		evaluatedDatapoints: [
			{ timestamp: "2022-06-28T01:55:00.000+0000", value: 0 },
			{ timestamp: "2022-06-28T01:54:00.000+0000", value: 5 },
		],
	});
});

test("a reason for a thousand data points is no longer than AWS's may be", () => {
	const values = Array.from({ length: 1_440 }, () => 0.123456789012345);
	const told = facts(values, { ...CONFIGURATION, EvaluationPeriods: 1_440, ComparisonOperator: "GreaterThanThreshold" });
	assert.ok(stateReason(told, CONFIGURATION).length <= 1_023);
	assert.ok(stateReasonData(told, CONFIGURATION, NOW).length <= 4_000);
});
