import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { CountedMinutes } from "../../../test/api/counted-minutes.ts";
import { type Alarm, type AlarmConfiguration, alarmId } from "../../model/alarm.ts";
import type { Instance } from "../../model/instance.ts";
import { encodeRecord, recordKey } from "../../model/records.ts";
import { seriesOf } from "../../observe/request-series.ts";
import { type Store, StoreError } from "../../store/port.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { Alarms } from "./alarms.ts";
import { Inventory } from "../inventory.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-22T12:00:00Z");
const V1 = seriesOf("v1", 200);
const ID = "i-1";

/** "No call without a token for three periods": the alarm that says that tokens may be required. */
const NO_V1_CALLS: AlarmConfiguration = {
	ActionsEnabled: true,
	OKActions: [],
	AlarmActions: [],
	InsufficientDataActions: [],
	Namespace: "AWS/EC2",
	MetricName: "MetadataNoToken",
	Dimensions: [{ Name: "InstanceId", Value: ID }],
	Statistic: "Sum",
	Period: 60,
	EvaluationPeriods: 3,
	Threshold: 0,
	ComparisonOperator: "LessThanOrEqualToThreshold",
};

/** The other way round: ALARM while somebody calls without a token. */
const V1_CALLS: AlarmConfiguration = {
	...NO_V1_CALLS,
	ComparisonOperator: "GreaterThanThreshold",
	EvaluationPeriods: 1,
	TreatMissingData: "notBreaching",
};

function alarm(alarmName: string, configuration: AlarmConfiguration, more: Partial<Alarm> = {}): Alarm {
	return {
		alarmName,
		configuration,
		configurationUpdatedAtMs: START,
		state: "INSUFFICIENT_DATA",
		stateReason: "Unchecked: Initial alarm creation",
		stateUpdatedAtMs: START,
		stateTransitionedAtMs: START,
		tags: [],
		...more,
	};
}

async function start(t: TestContext, ...alarms: readonly Alarm[]) {
	const store = await openSqliteStore({ path: ":memory:" });
	const breakable = failing(store);
	const inventory = new Inventory(breakable.store, () => {});
	const account = { accountId: "123456789012", region: "us-east-1" };
	await store.put(recordKey("account", "default"), encodeRecord({ origin: "first-start", record: account as never }), 0n);
	const instance = { instanceId: ID, monitoring: "enabled" } as Instance;
	await store.put(recordKey("instance", ID), encodeRecord({ origin: "api", record: instance }), 0n);
	for (const each of alarms) assert.ok(await inventory.create("alarm", each));
	const history = new CountedMinutes();
	const transitions: string[] = [];
	const failures: unknown[] = [];
	const evaluator = new Alarms(inventory, history, {
		nowMs: () => START,
		changed: (after, before) => transitions.push(`${after.alarmName}: ${before.state} -> ${after.state}`),
		failed: (error) => failures.push(error),
	});
	t.after(async () => {
		evaluator.stop();
		inventory.stop();
		await store.close();
	});
	const stateOf = async (name: string) => (await inventory.records()).alarm.get(alarmId(name))!;
	/** Evaluates at the end of minutes from the start on. */
	const after = async (...minutes: readonly number[]) => {
		for (const minute of minutes) await evaluator.evaluateAll(START + minute * MINUTE);
	};
	return { ...breakable, inventory, history, transitions, failures, evaluator, stateOf, after };
}

function failing(store: Store) {
	let fails = false;
	const guard =
		<A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
		(...args: A): Promise<R> =>
			fails ? Promise.reject(new StoreError("full", "the disk of the store is full")) : method(...args);
	const guarded: Store = {
		durable: store.durable,
		get: guard(store.get.bind(store)),
		put: guard(store.put.bind(store)),
		delete: guard(store.delete.bind(store)),
		revision: store.revision.bind(store),
		list: store.list.bind(store),
		watch: store.watch.bind(store),
		close: store.close.bind(store),
	};
	return { store: guarded, setFailing: (value: boolean) => (fails = value) };
}

describe("no call without a token for three minutes", () => {
	test("is ALARM once three minutes in a row had none, and OK with the next call", async (t) => {
		const { history, transitions, after, stateOf } = await start(t, alarm("v1-is-gone", NO_V1_CALLS));
		history
			.ran(ID, START, START + 30 * MINUTE)
			.count(ID, V1, START, 5)
			.count(ID, V1, START + MINUTE, 1);
		await after(1, 2, 3, 4);
		assert.deepEqual(transitions, ["v1-is-gone: INSUFFICIENT_DATA -> OK"]);
		// 12:02, 12:03 and 12:04 had none.
		await after(5);
		assert.deepEqual(transitions.slice(1), ["v1-is-gone: OK -> ALARM"]);
		const { stateReason, stateUpdatedAtMs, stateTransitionedAtMs } = await stateOf("v1-is-gone");
		assert.match(
			stateReason,
			/^Threshold Crossed: 3 out of the last 3 datapoints \[0\.0 \(22\/11\/26 12:02:00\), .*less than or equal to the threshold \(0\.0\)/,
		);
		assert.deepEqual([stateUpdatedAtMs, stateTransitionedAtMs], [START + 5 * MINUTE, START + 5 * MINUTE]);
		await after(6, 7);
		history.count(ID, V1, START + 7 * MINUTE);
		await after(8);
		assert.deepEqual(transitions.slice(2), ["v1-is-gone: ALARM -> OK"]);
	});

	test("is not ALARM by a minute that isn't over, nor before there were three", async (t) => {
		const { history, transitions, evaluator } = await start(t, alarm("v1-is-gone", NO_V1_CALLS));
		history.ran(ID, START, START + 30 * MINUTE);
		for (const seconds of [60, 119, 120, 179]) await evaluator.evaluateAll(START + seconds * 1000);
		assert.deepEqual(transitions, []);
		await evaluator.evaluateAll(START + 180 * 1000);
		assert.deepEqual(transitions, ["v1-is-gone: INSUFFICIENT_DATA -> ALARM"]);
	});

	test("has no data once tokens are required: then it is unknown", async (t) => {
		const { history, transitions, after } = await start(t, alarm("v1-is-gone", NO_V1_CALLS));
		history.ran(ID, START, START + 3 * MINUTE).ran(ID, START + 3 * MINUTE, START + 30 * MINUTE, "required");
		await after(3, 4, 5, 6, 7, 8, 9);
		assert.deepEqual(transitions, ["v1-is-gone: INSUFFICIENT_DATA -> ALARM", "v1-is-gone: ALARM -> INSUFFICIENT_DATA"]);
	});
});

test("calls without a token are ALARM, and OK when they end or the metric does", async (t) => {
	const { history, transitions, after, stateOf } = await start(t, alarm("v1-calls", V1_CALLS));
	history.ran(ID, START, START + 4 * MINUTE).count(ID, V1, START + MINUTE, 2);
	await after(1, 2, 3, 4, 5, 6, 7, 8, 9);
	assert.deepEqual(transitions, ["v1-calls: INSUFFICIENT_DATA -> OK", "v1-calls: OK -> ALARM", "v1-calls: ALARM -> OK"]);
	assert.match((await stateOf("v1-calls")).stateReason, /\[0\.0 \(22\/11\/26 12:02:00\)\] was not greater than the threshold/);
});

test("periods of five minutes are looked at when they are over", async (t) => {
	const { history, transitions, after } = await start(t, alarm("v1-calls", { ...V1_CALLS, Period: 300 }));
	history.ran(ID, START, START + 30 * MINUTE).count(ID, V1, START + MINUTE, 2);
	await after(1, 2, 3, 4);
	assert.deepEqual(transitions, ["v1-calls: INSUFFICIENT_DATA -> OK"]);
	await after(5, 6, 7, 8, 9, 10);
	assert.deepEqual(transitions.slice(1), ["v1-calls: OK -> ALARM", "v1-calls: ALARM -> OK"]);
});

test("metric math is watched, on the alarm's own range", async (t) => {
	const metric = (Id: string, Value: string) => ({
		Id,
		ReturnData: false,
		MetricStat: {
			Metric: { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value }] },
			Period: 60,
			Stat: "Sum",
		},
	});
	const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = NO_V1_CALLS;
	const Metrics = [metric("m1", ID), metric("m2", "i-2"), { Id: "all", Expression: "SUM(METRICS())" }];
	const { history, transitions, failures, after } = await start(
		t,
		alarm("fleet", { ...rest, Metrics }),
		alarm("long", { ...NO_V1_CALLS, EvaluationPeriods: 20 }),
	);
	for (const id of [ID, "i-2"]) history.ran(id, START, START + 30 * MINUTE);
	// The other instance has no detailed monitoring: its calls are told every five minutes.
	history.count("i-2", V1, START + MINUTE, 3);
	await after(1);
	await after(3);
	assert.deepEqual([failures, transitions], [[], ["fleet: INSUFFICIENT_DATA -> OK"]]);
	await after(4);
	assert.deepEqual(transitions.slice(1), ["fleet: OK -> ALARM"]);
});

test("all alarms of a period are evaluated with one question, and each metric is asked for once", async (t) => {
	const alarms = Array.from({ length: 50 }, (_, index) => alarm(`a${index}`, { ...V1_CALLS, EvaluationPeriods: 1 + (index % 4) }));
	const { history, after, inventory } = await start(t, ...alarms, alarm("five", { ...V1_CALLS, Period: 300 }));
	await after(1);
	assert.deepEqual(
		history.queries.map(({ periodSeconds, metrics }) => [periodSeconds, metrics.length]),
		[
			[60, 1],
			[300, 1],
		],
	);
	assert.equal([...(await inventory.records()).alarm.values()].filter(({ state }) => state === "OK").length, 51);
});

test("nothing is written where nothing changes, and nothing is asked where there are no alarms", async (t) => {
	const { store, after, history, inventory } = await start(t, alarm("v1-calls", V1_CALLS));
	await after(1);
	const revision = await store.revision();
	await after(2, 3, 4);
	assert.equal(await store.revision(), revision);
	await inventory.remove("alarm", alarmId("v1-calls"), "");
	history.queries.length = 0;
	await after(5);
	assert.deepEqual(history.queries, []);
});

test("an alarm that is set comes back to what it is with the next minute", async (t) => {
	const { history, inventory, transitions, after } = await start(t, alarm("v1-calls", V1_CALLS));
	history.ran(ID, START, START + 30 * MINUTE);
	await after(1);
	await inventory.update("alarm", alarmId("v1-calls"), (before) => ({ ...before, state: "ALARM" }));
	await after(2);
	assert.deepEqual(transitions.slice(1), ["v1-calls: ALARM -> OK"]);
});

test("a state is not written over an alarm that was overwritten while it was evaluated", async (t) => {
	const { history, inventory, transitions, after, stateOf } = await start(t, alarm("v1-calls", V1_CALLS));
	const read = history.read.bind(history);
	history.read = async (query) => {
		const change = (before: Alarm): Alarm => ({
			...before,
			configuration: { ...V1_CALLS, Threshold: 7 },
			configurationUpdatedAtMs: START + 1,
		});
		await inventory.update("alarm", alarmId("v1-calls"), change);
		return read(query);
	};
	await after(1);
	assert.deepEqual([transitions, (await stateOf("v1-calls")).state], [[], "INSUFFICIENT_DATA"]);
});

test("an alarm that is set to what an evaluation comes to, while that is under way, is told of by nobody", async (t) => {
	const { history, inventory, transitions, after, stateOf } = await start(t, alarm("v1-calls", V1_CALLS));
	const read = history.read.bind(history);
	history.read = async (query) => {
		await inventory.update("alarm", alarmId("v1-calls"), (before) => ({ ...before, state: "OK", stateReason: "by hand" }));
		return read(query);
	};
	await after(1);
	assert.deepEqual([transitions, (await stateOf("v1-calls")).stateReason], [[], "by hand"]);
});

test("a store or a history that fails is told of, and the next minute makes up for it", async (t) => {
	const { history, setFailing, failures, transitions, after } = await start(t, alarm("v1-calls", V1_CALLS));
	history.failure = new Error("the history is closed");
	await after(1);
	assert.deepEqual([failures.length, transitions], [1, []]);
	history.failure = undefined;
	setFailing(true);
	await after(2);
	assert.deepEqual([failures.length, transitions], [2, []]);
	setFailing(false);
	await after(3);
	assert.deepEqual([failures.length, transitions], [2, ["v1-calls: INSUFFICIENT_DATA -> OK"]]);
});

test("an alarm that can't be read keeps nobody else from being evaluated", async (t) => {
	const { Period: _, ...unreadable } = V1_CALLS;
	const { failures, transitions, after } = await start(t, alarm("unreadable", unreadable), alarm("v1-calls", V1_CALLS));
	await after(1);
	assert.equal(failures.length, 1);
	assert.deepEqual(transitions, ["v1-calls: INSUFFICIENT_DATA -> OK"]);
});

test("the clock's full minutes evaluate, once it is started and until it is stopped", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"], now: START });
	const { evaluator, history } = await start(t, alarm("v1-calls", V1_CALLS));
	const evaluated = () =>
		new Promise<void>((resolve) => {
			const read = history.read.bind(history);
			history.read = (query) => {
				history.read = read;
				resolve();
				return read(query);
			};
		});
	evaluator.start();
	evaluator.start();
	const first = evaluated();
	t.mock.timers.tick(MINUTE);
	assert.deepEqual(history.queries, []);
	t.mock.timers.tick(200);
	await first;
	evaluator.stop();
	assert.equal(history.queries.length, 1);
	t.mock.timers.tick(10 * MINUTE);
	assert.equal(history.queries.length, 1);
});
