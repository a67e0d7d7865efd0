import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { launchAlone } from "../../test/categories/world.ts";
import type { Instance } from "../model/instance.ts";
import { encodeRecord, type Origin, recordKey } from "../model/records.ts";
import { timestamp } from "../model/timestamp.ts";
import type { Store } from "../store/port.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Inventory } from "./inventory.ts";
import { Lifecycle, settled, TERMINATED_KEPT_MS } from "./lifecycle.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const ID = "i-1234567890abcdef0";
const RUNNING = launchAlone({ instanceId: ID, endpointListen: ["127.0.0.1:1"] });
const ASKED = { ...RUNNING.metadataOptions, httpTokens: "required", httpPutResponseHopLimit: 5 } as const;

function instance(state: Instance["state"], rest: Partial<Instance> = {}): Instance {
	return { ...RUNNING, state, ...rest };
}

function terminatedAt(ms: number): Instance {
	return instance("terminated", { stateTransition: { time: timestamp(ms), code: "Client.UserInitiatedShutdown", message: "x" } });
}

describe("what is under way comes to its end:", () => {
	test("a launch, and the options that it was asked with", () => {
		const { metadataOptionsPending, ...after } = settled(
			instance("pending", { metadataOptions: ASKED, metadataOptionsPending: true }),
			NOW_MS,
		);
		assert.deepEqual(after, { ...RUNNING, state: "running", metadataOptions: ASKED, appliedMetadataOptions: ASKED });
		assert.equal(metadataOptionsPending, undefined);
	});

	test("a change of options", () => {
		const after = settled(instance("running", { metadataOptions: ASKED, metadataOptionsPending: true }), NOW_MS);
		assert.deepEqual(after, { ...RUNNING, metadataOptions: ASKED, appliedMetadataOptions: ASKED });
	});

	test("a stop, with which tokens end, and options wait on", () => {
		const before = instance("stopping", { metadataOptions: ASKED, metadataOptionsPending: true });
		const after = settled(before, NOW_MS);
		assert.deepEqual(after, { ...before, state: "stopped", tokenGeneration: NOW_MS });
		assert.notDeepEqual(after.appliedMetadataOptions, ASKED);
		// Also where the clock went back.
		assert.equal(settled(instance("stopping", { tokenGeneration: NOW_MS + 9 }), NOW_MS).tokenGeneration, NOW_MS + 10);
	});

	test("an end, of which nothing is left that another could have", () => {
		const after = settled(instance("shutting-down"), NOW_MS);
		const { networkInterfaces, blockDeviceMappings, endpointListen, endpointBindings } = after;
		assert.deepEqual([networkInterfaces, blockDeviceMappings, endpointListen, endpointBindings], [[], [], [], []]);
		assert.equal(after.state, "terminated");
		assert.ok(after.tokenGeneration > RUNNING.tokenGeneration);
	});

	test("nothing, where nothing is under way: it is the same record", () => {
		for (const state of ["running", "stopped", "terminated"] as const) {
			const before = instance(state);
			assert.equal(settled(before, NOW_MS), before);
		}
		const waiting = instance("stopped", { metadataOptions: ASKED, metadataOptionsPending: true });
		assert.equal(settled(waiting, NOW_MS), waiting);
	});

	test("once: settled again, it stays", () => {
		for (const state of ["pending", "running", "stopping", "shutting-down"] as const) {
			const once = settled(instance(state, { metadataOptionsPending: true }), NOW_MS);
			assert.equal(settled(once, NOW_MS + 1_000), once);
		}
	});
});

/** A store with an instance, and a lifecycle that follows what is written to it. */
async function start(t: TestContext, record: Instance, { delayMs = 0, origin = "api" }: { delayMs?: number; origin?: Origin } = {}) {
	const store = await openSqliteStore({ path: ":memory:" });
	const key = recordKey("instance", ID);
	await store.put(key, encodeRecord({ origin, record }), 0n);
	const failures: unknown[] = [];
	const lifecycle = new Lifecycle(delayMs, (error) => failures.push(error));
	const inventory: Inventory = new Inventory(store, (kind, written) => {
		if (kind === "instance") lifecycle.follow(written as Instance, inventory);
	});
	t.after(async () => {
		lifecycle.stop();
		inventory.stop();
		await store.close();
	});
	return { store, inventory, lifecycle, failures, key };
}

/** The next state of the record; `undefined`: it is gone. */
async function nextChange(store: Store, key: string): Promise<Instance | undefined> {
	const entry = await store.get(key);
	const stop = new AbortController();
	for await (const change of store.watch(key, entry?.revision ?? 0n, stop.signal)) {
		stop.abort();
		return change.value === undefined ? undefined : (JSON.parse(Buffer.from(change.value).toString()) as { record: Instance }).record;
	}
	throw new Error("the store was closed");
}

describe("a lifecycle", () => {
	test("brings an instance to the end of what is under way", async (t) => {
		const { store, inventory, lifecycle, key } = await start(t, instance("pending"));
		const next = nextChange(store, key);
		lifecycle.follow(instance("pending"), inventory);
		assert.equal((await next)?.state, "running");
	});

	test("follows what is written through the inventory by itself", async (t) => {
		const { store, inventory, key } = await start(t, instance("running"));
		await inventory.update("instance", ID, (before) => ({ ...before, metadataOptions: ASKED, metadataOptionsPending: true }));
		const after = await nextChange(store, key);
		assert.deepEqual(after?.appliedMetadataOptions, ASKED);
		assert.ok(!("metadataOptionsPending" in after));
	});

	test("forgets an instance that ended more than an hour ago, and not one that the configuration keeps", async (t) => {
		const old = terminatedAt(Date.now() - TERMINATED_KEPT_MS - 1_000);
		const { store, inventory, lifecycle, key } = await start(t, old);
		const next = nextChange(store, key);
		lifecycle.follow(old, inventory);
		assert.equal(await next, undefined);
		assert.ok(!(await inventory.records()).instance.has(ID));

		const kept = await start(t, old, { origin: "configuration" });
		await kept.inventory.forget("instance", ID);
		assert.ok((await kept.inventory.records()).instance.has(ID));
	});

	test("keeps one that ended just now for an hour", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW_MS });
		const ended = terminatedAt(NOW_MS);
		const { store, inventory, lifecycle, key } = await start(t, ended);
		lifecycle.follow(ended, inventory);
		t.mock.timers.tick(TERMINATED_KEPT_MS - 1);
		assert.ok((await inventory.records()).instance.has(ID));
		const next = nextChange(store, key);
		t.mock.timers.tick(1);
		assert.equal(await next, undefined);
	});

	test("takes its time, and does nothing more once it is stopped", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { store, inventory, lifecycle, key } = await start(t, instance("stopping"), { delayMs: 200 });
		lifecycle.follow(instance("stopping"), inventory);
		t.mock.timers.tick(199);
		assert.equal((await inventory.records()).instance.get(ID)?.state, "stopping");
		const next = nextChange(store, key);
		t.mock.timers.tick(1);
		assert.equal((await next)?.state, "stopped");

		await inventory.update("instance", ID, (before) => ({ ...before, state: "pending" }));
		lifecycle.stop();
		t.mock.timers.tick(1_000_000);
		lifecycle.follow(instance("pending"), inventory);
		t.mock.timers.tick(1_000_000);
		assert.equal((await inventory.records()).instance.get(ID)?.state, "pending");
	});

	test("tells of a change that could not be written, and tries it again", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { store, inventory, lifecycle, failures, key } = await start(t, instance("pending"), { delayMs: 10 });
		const { promise: failed, resolve } = Promise.withResolvers<void>();
		const update = inventory.update.bind(inventory);
		t.mock.method(inventory, "update", async (...args: Parameters<typeof update>) => {
			if (failures.length > 0) return update(...args);
			setImmediate(resolve);
			throw new Error("the disk is full");
		});
		lifecycle.follow(instance("pending"), inventory);
		t.mock.timers.tick(10);
		await failed;
		assert.match(String(failures[0]), /the disk is full/);
		const next = nextChange(store, key);
		t.mock.timers.tick(5_000);
		assert.equal((await next)?.state, "running");
		assert.equal(failures.length, 1);
	});
});
