import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { AlarmConfiguration, MissingDataTreatment } from "../../model/alarm.ts";
import { evaluateAlarm, evaluationRange } from "./alarm-state.ts";

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const satisfies MissingDataTreatment[];

/** An alarm on values above 0: as in the guide's tables, X breaches, 0 doesn't, and - is missing. */
function alarm(needed: number, periods: number, TreatMissingData: MissingDataTreatment): AlarmConfiguration {
	return {
		ActionsEnabled: true,
		OKActions: [],
		AlarmActions: [],
		InsufficientDataActions: [],
		EvaluationPeriods: periods,
		DatapointsToAlarm: needed,
		Threshold: 0,
		ComparisonOperator: "GreaterThanThreshold",
		TreatMissingData,
	};
}

/** The states by the four treatments, in the order of the guide's columns; `-`: it stays as it is. */
function states(points: string, needed: number, periods: number): string {
	const values = points.split(" ").map((point) => ({ X: 1, "0": 0, "-": NaN })[point]!);
	return TREATMENTS.map((treatment) => evaluateAlarm(values, alarm(needed, periods, treatment)).state ?? "-").join(" ");
}

// The tables of the CloudWatch guide, "How alarm state is evaluated when data is missing"; rows of several editions of it.
const TABLES: readonly (readonly [needed: number, periods: number, rows: Readonly<Record<string, string>>])[] = [
	[
		3,
		3,
		{
			"0 - X - X": "OK OK OK OK",
			"0 - - - -": "OK OK OK OK",
			"- - - - 0": "OK OK OK OK",
			"- - - - -": "INSUFFICIENT_DATA - ALARM OK",
			"0 X X - X": "ALARM ALARM ALARM ALARM",
			"- - - - X": "INSUFFICIENT_DATA - ALARM OK",
			"- - X - -": "ALARM - ALARM OK",
			"X - - - -": "ALARM - ALARM OK",
			"- - - X -": "INSUFFICIENT_DATA - ALARM OK",
		},
	],
	[
		2,
		3,
		{
			"0 - X - X": "ALARM ALARM ALARM ALARM",
			"0 0 X 0 X": "ALARM ALARM ALARM ALARM",
			"0 - X - -": "OK OK ALARM OK",
			"- - - - 0": "OK OK ALARM OK",
			"- - - - X": "INSUFFICIENT_DATA - ALARM OK",
			"- - - X -": "ALARM - ALARM OK",
			"X X 0 0 0": "OK OK OK OK",
		},
	],
	[
		1,
		1,
		{
			"- - X": "ALARM ALARM ALARM ALARM",
			"X - -": "ALARM ALARM ALARM ALARM",
			"- - -": "INSUFFICIENT_DATA - ALARM OK",
			"X X 0": "OK OK OK OK",
		},
	],
];

for (const [needed, periods, rows] of TABLES) {
	describe(`${needed} of ${periods} data points, by the guide's table`, () => {
		for (const [points, wanted] of Object.entries(rows)) test(points, () => assert.equal(states(points, needed, periods), wanted));
	});
}

test("an alarm looks at two periods more than it is of", () => {
	assert.deepEqual(
		[1, 3, 10].map((EvaluationPeriods) => evaluationRange({ EvaluationPeriods })),
		[3, 5, 12],
	);
});

test("each comparison takes the value first", () => {
	const ofTwo = (ComparisonOperator: AlarmConfiguration["ComparisonOperator"]) =>
		[1, 2, 3].map((value) => evaluateAlarm([value], { ...alarm(1, 1, "missing"), Threshold: 2, ComparisonOperator }).state === "ALARM");
	assert.deepEqual(ofTwo("GreaterThanThreshold"), [false, false, true]);
	assert.deepEqual(ofTwo("GreaterThanOrEqualToThreshold"), [false, true, true]);
	assert.deepEqual(ofTwo("LessThanThreshold"), [true, false, false]);
	assert.deepEqual(ofTwo("LessThanOrEqualToThreshold"), [true, true, false]);
});

test("without missing data the last periods alone decide, whatever is done with missing ones", () => {
	const values = fc.array(fc.constantFrom(0, 1), { minLength: 5, maxLength: 5 });
	fc.assert(
		fc.property(values, fc.integer({ min: 1, max: 3 }), fc.constantFrom(...TREATMENTS), (values, needed, treatment) => {
			const breaching = values.slice(-3).filter((value) => value > 0).length;
			assert.equal(evaluateAlarm(values, alarm(needed, 3, treatment)).state, breaching >= needed ? "ALARM" : "OK");
		}),
	);
});

test("one more breaching data point never ends an alarm", () => {
	const points = fc.array(fc.constantFrom(0, 1, NaN), { minLength: 5, maxLength: 5 });
	fc.assert(
		fc.property(points, fc.nat(4), fc.integer({ min: 1, max: 3 }), fc.constantFrom(...TREATMENTS), (values, at, needed, treatment) => {
			fc.pre(values[at] === 0);
			const configuration = alarm(needed, 3, treatment);
			if (evaluateAlarm(values, configuration).state !== "ALARM") return;
			assert.equal(evaluateAlarm(values.with(at, 1), configuration).state, "ALARM");
		}),
	);
});
