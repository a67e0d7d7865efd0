import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { launchAlone } from "../../../test/categories/world.ts";
import type { Account } from "../../model/account.ts";
import type { Instance } from "../../model/instance.ts";
import { recordKey } from "../../model/records.ts";
import { timestamp } from "../../model/timestamp.ts";
import type { Transition, TransitionStep } from "../../model/transition.ts";
import type { CallReader } from "../../observe/call-reader.ts";
import { seriesOf } from "../../observe/request-series.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { Inventory } from "../inventory.ts";
import { TransitionRunner } from "./transition-runner.ts";
import { undo } from "./undo.ts";

const START_MS = Date.UTC(2026, 0, 31, 12);
const WATCH_SECONDS = 600;
const [A, B, C] = ["i-0000000000000000a", "i-0000000000000000b", "i-0000000000000000c"] as const;
const ACCOUNT: Account = { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {} };

/** A store with running instances, and a transition of them; `world` is what the counts say, and the clock. */
async function begin(t: TestContext, batches: readonly (readonly string[])[], account: Account = ACCOUNT) {
	const store = await openSqliteStore({ path: ":memory:" });
	const inventory = new Inventory(store, () => {});
	t.after(async () => {
		inventory.stop();
		await store.close();
	});
	const world = {
		nowMs: START_MS,
		v1: new Map<string, number>(),
		rejectedMs: new Map<string, number>(),
		notes: [] as string[],
		whileAsked: async () => {},
	};
	const calls: CallReader = {
		calls: () => Promise.resolve([]),
		async lastCalls(ids = []) {
			await world.whileAsked();
			return ids.map((instanceId) => {
				const rejectedMs = world.rejectedMs.get(instanceId);
				return { instanceId, ...(rejectedMs !== undefined && { rejectedMs }) };
			});
		},
		observed: (instanceIds, _from, _to, series) =>
			Promise.resolve(
				instanceIds.map((instanceId) => ({
					instanceId,
					minutes: 1440,
					optionalMinutes: 1440,
					sums: series.map((each) => (each === seriesOf("v1", 200) ? (world.v1.get(instanceId) ?? 0) : 0)),
				})),
			),
	};
	const transition: Transition = {
		transitionId: "tr-1",
		state: "running",
		startedAt: timestamp(START_MS),
		periodSeconds: 86_400,
		watchSeconds: WATCH_SECONDS,
		batchCount: batches.length,
		batch: 0,
	};
	await inventory.create("account", account);
	for (const instanceId of batches.flat())
		await inventory.create("instance", { ...launchAlone({ instanceId }), state: "running" } satisfies Instance);
	await inventory.create(
		"transition-step",
		...batches.flatMap((ids, batch) =>
			ids.map((instanceId): TransitionStep => ({ instanceId, transitionId: "tr-1", batch, state: "waiting" })),
		),
	);
	await inventory.create("transition", transition);
	const runnerOf = (its: Inventory) =>
		new TransitionRunner({
			inventory: its,
			calls,
			nowMs: () => world.nowMs,
			note: (sentence) => world.notes.push(sentence),
			failed: (error) => assert.fail(String(error)),
		});
	const told = async () => {
		const records = await inventory.records();
		const { state, batch, reason } = records.transition.get("current")!;
		const steps = batches
			.flat()
			.map((id) => `${records["transition-step"].get(id)?.state} ${records.instance.get(id)?.metadataOptions.httpTokens}`);
		return { state, batch, reason, steps };
	};
	return { store, inventory, world, runner: runnerOf(inventory), runnerOf, told };
}

test("batch after batch requires tokens, is watched, and makes room for the next", async (t) => {
	const { runner, world, told } = await begin(t, [[A, B], [C]]);
	await runner.advance();
	assert.deepEqual((await told()).steps, ["watching required", "watching required", "waiting optional"]);
	world.nowMs += WATCH_SECONDS * 1000 - 1;
	await runner.advance();
	assert.deepEqual((await told()).steps, ["watching required", "watching required", "waiting optional"]);
	world.nowMs += 1;
	await runner.advance();
	assert.deepEqual(await told(), {
		state: "running",
		batch: 1,
		reason: undefined,
		steps: ["enforced required", "enforced required", "waiting optional"],
	});
	await runner.advance();
	world.nowMs += WATCH_SECONDS * 1000;
	await runner.advance();
	assert.deepEqual(await told(), {
		state: "done",
		batch: 1,
		reason: undefined,
		steps: ["enforced required", "enforced required", "enforced required"],
	});
});

test("an instance whose calls are rejected goes back by itself, the rest of its batch is watched to the end, and no further one is begun", async (t) => {
	const { runner, world, told } = await begin(t, [[A, B], [C]]);
	world.rejectedMs.set(A, START_MS - 1); // Before it was enforced: another story.
	await runner.advance();
	await runner.advance();
	assert.deepEqual((await told()).steps[0], "watching required");
	world.nowMs += 5_000;
	world.rejectedMs.set(A, START_MS + 4_000);
	await runner.advance();
	assert.deepEqual((await told()).steps, ["rolled-back optional", "watching required", "waiting optional"]);
	assert.match(world.notes.join("\n"), new RegExp(`${A} was rolled back`));
	world.nowMs += WATCH_SECONDS * 1000;
	await runner.advance();
	const { state, reason, steps } = await told();
	assert.equal(state, "stopped");
	assert.match(reason ?? "", new RegExp(A));
	assert.deepEqual(steps, ["rolled-back optional", "enforced required", "waiting optional"]);
	await runner.advance();
	assert.equal((await told()).steps[2], "waiting optional");
});

test("whoever was called without a token since the plan is skipped", async (t) => {
	const { runner, world, told } = await begin(t, [[A, B]]);
	world.v1.set(B, 3);
	await runner.advance();
	assert.deepEqual((await told()).steps, ["watching required", "skipped optional"]);
});

test("an instance that is gone is skipped, and one that is stopped", async (t) => {
	const { runner, inventory, told } = await begin(t, [[A, B, C]]);
	await inventory.forget("instance", A);
	await inventory.update("instance", B, (instance) => ({ ...instance, state: "stopped" }));
	await runner.advance();
	assert.deepEqual((await told()).steps, ["skipped undefined", "skipped optional", "watching required"]);
});

test("what an end of the process left half done is done by the next one", async (t) => {
	const { store, inventory, world, runnerOf, told } = await begin(t, [[A]]);
	// Decided, and then the power went.
	await inventory.update("transition-step", A, (step) => ({ ...step, state: "enforcing", enforcedAt: timestamp(START_MS) }));
	const next = new Inventory(store, () => {});
	t.after(() => next.stop());
	await runnerOf(next).advance();
	assert.deepEqual((await told()).steps, ["watching required"]);
	// Taken back, and the power went before that was noted.
	world.rejectedMs.set(A, START_MS + 1);
	await inventory.update("instance", A, (instance) => ({
		...instance,
		metadataOptions: { ...instance.metadataOptions, httpTokens: "optional" },
	}));
	await runnerOf(next).advance();
	assert.deepEqual((await told()).steps, ["rolled-back optional"]);
});

test("where the account enforces IMDSv2, nothing can go back, the report says so, and no further batch is begun", async (t) => {
	const { runner, world, told, inventory } = await begin(t, [[A], [B]], {
		...ACCOUNT,
		instanceMetadataDefaults: { httpTokensEnforced: "enabled" },
	});
	await runner.advance();
	world.rejectedMs.set(A, START_MS + 1);
	await runner.advance();
	const { state, reason, steps } = await told();
	assert.deepEqual({ state, steps }, { state: "stopped", steps: ["enforced required", "waiting optional"] });
	assert.match(reason ?? "", new RegExp(`could not go back: ${A}`));
	assert.match((await inventory.records())["transition-step"].get(A)?.reason ?? "", /HttpTokensEnforced/);
});

test("undoing takes back all that was enforced, and ends it; undoing one takes back that one, and its batch goes on", async (t) => {
	const { runner, inventory, world, told } = await begin(t, [[A, B], [C]]);
	await runner.advance();
	const transition = (await inventory.records()).transition.get("current")!;
	await undo({ inventory, nowMs: world.nowMs }, transition, new Set([A]));
	assert.deepEqual(await told(), {
		state: "running",
		batch: 0,
		reason: undefined,
		steps: ["rolled-back optional", "watching required", "waiting optional"],
	});
	await undo({ inventory, nowMs: world.nowMs }, transition, undefined);
	const { state, steps } = await told();
	assert.equal(state, "rolled-back");
	assert.deepEqual(steps, ["rolled-back optional", "rolled-back optional", "skipped optional"]);
	await runner.advance();
	assert.deepEqual((await told()).steps, steps);
});

test("what was undone while a batch was being looked at is not required after all, nor taken back twice", async (t) => {
	const { runner, inventory, world, told } = await begin(t, [[A, B]]);
	const transition = (await inventory.records()).transition.get("current")!;
	world.whileAsked = () => undo({ inventory, nowMs: world.nowMs }, transition, new Set([A]));
	await runner.advance();
	assert.deepEqual((await told()).steps, ["skipped optional", "watching required"]);
	world.rejectedMs.set(B, START_MS + 1);
	world.whileAsked = () => undo({ inventory, nowMs: world.nowMs }, transition, new Set([B]));
	await runner.advance();
	assert.equal((await inventory.records())["transition-step"].get(B)?.reason, "Rolled back on request.");
});

test("a record of a transition is found again under its key", () => {
	assert.equal(recordKey("transition", "current"), "transition/current");
	assert.equal(recordKey("transition-step", A), `transition-step/${A}`);
});
