import assert from "node:assert/strict";
import { test } from "node:test";
import { type Caller, CallLedger, type Lookup } from "./call-ledger.ts";
import type { CallerFacts } from "./caller-facts.ts";
import type { Finding } from "./finding.ts";

const [ANSWERED, REJECTED, NOTHING] = [0, 1, 2] as const;
const ANSWERS = { isAnswered: (series: number) => series === ANSWERED, isRejected: (series: number) => series === REJECTED };
const HOUR_MS = 3_600_000;
const [A, B] = ["i-0000000000000000a", "i-0000000000000000b"] as const;

function caller(changes: Partial<Caller> = {}): Caller {
	return { instanceId: A, source: "192.0.2.1", behindProxy: false, userAgent: "curl/8.0", ends: undefined, fd: 1, ...changes };
}

function told(ledger: CallLedger, finallyAll = false) {
	return ledger.drain(finallyAll).calls.map((calls) => ({ ...calls, ...(JSON.parse(calls.facts) as CallerFacts) }));
}

/** Finds nobody until it is told whom. */
function lookups(): { readonly lookup: Lookup; readonly find: (finding: Finding) => void; readonly asked: Caller[] } {
	const asked: Caller[] = [];
	const { promise, resolve } = Promise.withResolvers<Finding>();
	const lookup: Lookup = (each) => {
		asked.push(each);
		return promise;
	};
	return { lookup, find: resolve, asked };
}

test("all connections of those whom nobody looks up are one account, as long as they say the same of themselves", () => {
	const ledger = new CallLedger(ANSWERS, undefined);
	for (let connection = 0; connection < 1000; connection++) ledger.meet(caller()).note(0, ANSWERED, HOUR_MS + connection);
	ledger.meet(caller({ userAgent: "curl/8.1" })).note(1, REJECTED, 5);
	ledger.meet(caller({ source: "192.0.2.2" })).note(2, NOTHING, 6);
	ledger.meet(caller({ instanceId: B })).note(4, ANSWERED, 7);
	assert.deepEqual(
		told(ledger).map(({ instanceId, sourceAddress, userAgent, hour, classes, answered, rejected, lastMs, unknown }) => {
			assert.equal(unknown, "programs are not looked up here (--no-attribution)");
			return [instanceId, sourceAddress, userAgent, hour, classes, answered, rejected, lastMs];
		}),
		[
			[A, "192.0.2.1", "curl/8.0", 1, [1000, 0, 0, 0, 0], 1000, 0, HOUR_MS + 999],
			[A, "192.0.2.1", "curl/8.1", 0, [0, 1, 0, 0, 0], 0, 1, 5],
			[A, "192.0.2.2", "curl/8.0", 0, [0, 0, 1, 0, 0], 0, 0, 6],
			[B, "192.0.2.1", "curl/8.0", 0, [0, 0, 0, 0, 1], 1, 0, 7],
		],
	);
	assert.deepEqual(told(ledger), []);
});

test("a connection that lasts is noted on, whatever was told meanwhile", () => {
	const ledger = new CallLedger(ANSWERS, undefined);
	const lasting = ledger.meet(caller());
	lasting.note(0, ANSWERED, 1);
	assert.equal(told(ledger).length, 1);
	lasting.note(0, ANSWERED, 2);
	ledger.meet(caller()).note(0, ANSWERED, 3);
	assert.equal(ledger.hasNews, true);
	assert.deepEqual(
		told(ledger).map(({ answered }) => answered),
		[1, 1],
	);
	assert.equal(ledger.hasNews, false);
});

test("what came by a proxy is not looked up", () => {
	const { lookup, asked } = lookups();
	const ledger = new CallLedger(ANSWERS, lookup);
	ledger.meet(caller({ behindProxy: true })).note(0, ANSWERED, 1);
	assert.equal(told(ledger)[0]?.unknown, "it came through a proxy");
	assert.deepEqual(asked, []);
});

test("calls are told once their caller is found, each connection's with its own; in the end without", async () => {
	const { lookup, find } = lookups();
	const ledger = new CallLedger(ANSWERS, lookup);
	ledger.meet(caller()).note(0, ANSWERED, 1);
	assert.equal(ledger.drain().calls.length, 0);
	find({ ended: { pid: 7, name: "curl" } });
	await ledger.settled();
	assert.deepEqual(
		told(ledger).map(({ pid, answered }) => [pid, answered]),
		[[7, 1]],
	);

	const never = new CallLedger(ANSWERS, lookups().lookup);
	never.meet(caller()).note(0, ANSWERED, 1);
	assert.equal(told(never, true)[0]?.unknown, "the service ended before it was looked up");
});

test("of one instance a hundred connections a second are looked up, of all together five hundred", (t) => {
	let nowMs = 0;
	t.mock.method(performance, "now", () => nowMs);
	const { lookup, asked } = lookups();
	const ledger = new CallLedger(ANSWERS, lookup);
	const meetAll = () => {
		for (let n = 0; n < 1000; n++) ledger.meet(caller({ instanceId: `i-${n % 10}` })).note(0, ANSWERED, 1);
	};
	nowMs = 10_000;
	for (let n = 0; n < 150; n++) ledger.meet(caller()).note(0, ANSWERED, 1);
	assert.equal(asked.length, 100);
	const [beyond] = told(ledger);
	assert.deepEqual([beyond?.answered, beyond?.unknown], [50, "too many connections in one second to look each up"]);
	meetAll();
	assert.equal(asked.length, 500);
	nowMs += 1000;
	meetAll();
	assert.equal(asked.length, 1000);
	for (const { instanceId } of ledger.drain().last) assert.match(instanceId, /^i-/);
});

test("the last call that was answered and the last that was rejected are told, of instances that called since", () => {
	const ledger = new CallLedger(ANSWERS, undefined);
	const calls = ledger.meet(caller());
	calls.note(0, ANSWERED, 1);
	calls.note(0, REJECTED, 2);
	calls.note(0, NOTHING, 3);
	ledger.meet(caller({ instanceId: B })).note(0, NOTHING, 4);
	assert.deepEqual(ledger.drain().last, [{ instanceId: A, v1Ms: 1, rejectedMs: 2 }, { instanceId: B }]);
	assert.deepEqual(ledger.drain().last, []);
});
