import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { newWorld, NOW_MS } from "../../../../test/categories/world.ts";
import type { InstanceState } from "../../../model/instance.ts";
import { launch } from "../../../model/launch.ts";
import type { LightsailOperation } from "../../../model/lightsail-operation.ts";
import { openSqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import { Inventory } from "../../inventory.ts";
import type { LightsailInstance } from "./instance-lookup.ts";
import { describeOperation, orderOf, recordOperations, reverseOrderOf } from "./operation-records.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const { account } = newWorld();
const WEB = { name: "Web-1", blueprintId: "mean", bundleId: "nano_3_0" };
const INSTANCE = launch({ instanceId: "i-1", lightsail: WEB }, newWorld(), NOW_MS) as LightsailInstance;

async function inventoryOf(t: TestContext): Promise<Inventory> {
	const store = await openSqliteStore({ path: ":memory:" });
	const inventory = new Inventory(store, () => {});
	t.after(async () => {
		inventory.stop();
		await store.close();
	});
	return inventory;
}

function record(inventory: Inventory, operationIds: readonly string[], nowMs = NOW_MS) {
	const done = operationIds.map((operationId) => ({ instance: INSTANCE, operationId }));
	return recordOperations("RebootInstance", done, { account, inventory, nowMs });
}

async function kept(inventory: Inventory): Promise<readonly string[]> {
	return [...(await inventory.records())["lightsail-operation"].keys()].toSorted();
}

describe("operations are kept", () => {
	test("for two weeks", async (t) => {
		const inventory = await inventoryOf(t);
		await record(inventory, ["old"]);
		await record(inventory, ["newer"], NOW_MS + 1);
		await record(inventory, ["now"], NOW_MS + 14 * DAY_MS);
		assert.deepEqual(await kept(inventory), ["newer", "now"]);
	});

	test("as long as they are among the newest thousand", async (t) => {
		const inventory = await inventoryOf(t);
		const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index).padStart(4, "0"));
		for (let at = 0; at < 1_000; at += 100) await record(inventory, numbered(at, at + 100), NOW_MS + at);
		assert.equal((await kept(inventory)).length, 1_000);
		await record(inventory, ["one-more"], NOW_MS + 1_000);
		const now = await kept(inventory);
		assert.equal(now.length, 1_000);
		assert.equal(now.filter((id) => id < "0100").length, 99, "it was one of the oldest hundred that went");
		assert.ok(now.includes("one-more"));
	});
});

describe("an operation is under way", () => {
	const operation: LightsailOperation = {
		operationId: "op-1",
		operationType: "StartInstance",
		resourceName: "Web-1",
		instanceId: "i-1",
		availabilityZone: "us-east-1a",
		createdAtMs: NOW_MS,
	};

	function statusWhile(state: InstanceState, operationId = "op-1"): string {
		const lightsail = { ...INSTANCE.lightsail, operationId };
		const instance = new Map([["i-1", { ...INSTANCE, state, lightsail }]]);
		const { isTerminal, status } = describeOperation(operation, { account, records: { instance } as never });
		return `${status}${isTerminal === true ? "" : " …"}`;
	}

	test("until its instance is where it should be", () => {
		const states: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"];
		assert.deepEqual(
			states.map((state) => statusWhile(state)),
			["Started …", "Succeeded", "Started …", "Succeeded", "Succeeded", "Succeeded"],
		);
	});

	test("and never again, when another changes the state", () => {
		assert.equal(statusWhile("pending", "op-2"), "Succeeded");
	});

	test("no more when its instance is gone", () => {
		const { status } = describeOperation(operation, { account, records: { instance: new Map() } as never });
		assert.equal(status, "Succeeded");
	});
});

test("operations are in the order of their beginnings, or the other way round", () => {
	const operations = [5, 1_700_000_000_000, 40].map((createdAtMs) => ({ createdAtMs, operationId: "x" }));
	const timesBy = (order: typeof orderOf) =>
		operations.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).map(({ createdAtMs }) => createdAtMs);
	assert.deepEqual(timesBy(orderOf), [5, 40, 1_700_000_000_000]);
	assert.deepEqual(timesBy(reverseOrderOf), [1_700_000_000_000, 40, 5]);
});
