import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { idempotently } from "./client-token.ts";
import { ApiError } from "./errors.ts";
import { Inventory } from "./inventory.ts";

const NOW_MS = Date.parse("2026-01-02T03:04:05Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const REQUEST = { operation: "RunInstances", token: "abc", parameters: { MinCount: 1, MaxCount: 1 } };

test("the same token makes something once, and tells its ids again", async (t) => {
	const inventory = await inventoryOf(t);
	const make = counter();
	const all = [0, 1, DAY_MS - 1000].map((laterMs) => idempotently({ inventory, nowMs: NOW_MS + laterMs }, REQUEST, make));
	assert.deepEqual(await Promise.all(all), [["i-1"], ["i-1"], ["i-1"]]);
	assert.equal(make.count(), 1);
});

test("without a token something is made each time", async (t) => {
	const inventory = await inventoryOf(t);
	const make = counter();
	for (const token of [undefined, ""]) {
		await idempotently({ inventory, nowMs: NOW_MS }, { ...REQUEST, token }, make);
		await idempotently({ inventory, nowMs: NOW_MS }, { ...REQUEST, token }, make);
	}
	assert.equal(make.count(), 4);
});

test("one token is another of another operation, and none with other parameters", async (t) => {
	const call = { inventory: await inventoryOf(t), nowMs: NOW_MS };
	const make = counter();
	await idempotently(call, REQUEST, make);
	await idempotently(call, { ...REQUEST, operation: "CreateLaunchTemplate" }, make);
	assert.equal(make.count(), 2);
	await assert.rejects(
		idempotently(call, { ...REQUEST, parameters: { MinCount: 1, MaxCount: 2 } }, make),
		(error) => error instanceof ApiError && error.code === "IdempotentParameterMismatch",
	);
	// A client may ask first whether it may, and carries the token among the parameters.
	const same = { ...REQUEST.parameters, ClientToken: "abc", DryRun: false };
	assert.deepEqual(await idempotently(call, { ...REQUEST, parameters: same }, make), ["i-1"]);
});

test("a token is forgotten after a day, with its record", async (t) => {
	const inventory = await inventoryOf(t);
	const make = counter();
	await idempotently({ inventory, nowMs: NOW_MS }, REQUEST, make);
	await idempotently({ inventory, nowMs: NOW_MS }, { ...REQUEST, token: "other" }, make);
	const later = { inventory, nowMs: NOW_MS + DAY_MS };
	assert.deepEqual(await idempotently(later, { ...REQUEST, parameters: {} }, make), ["i-3"]);
	const tokens = (await inventory.records())["client-token"];
	assert.deepEqual([...tokens.keys()], ["RunInstances:abc"]);
});

test("what failed is not remembered", async (t) => {
	const call = { inventory: await inventoryOf(t), nowMs: NOW_MS };
	await assert.rejects(
		idempotently(call, REQUEST, () => Promise.reject(new Error("no room"))),
		/no room/,
	);
	assert.deepEqual(await idempotently(call, { ...REQUEST, parameters: {} }, counter()), ["i-1"]);
});

test("a token that could not be kept is refused before anything is made", async (t) => {
	const call = { inventory: await inventoryOf(t), nowMs: NOW_MS };
	const make = counter();
	for (const token of ["x".repeat(129), "é", "a\nb"]) {
		await assert.rejects(
			idempotently(call, { ...REQUEST, token }, make),
			(error) => error instanceof ApiError && error.code === "InvalidParameterValue",
		);
	}
	assert.equal(make.count(), 0);
	assert.deepEqual(await idempotently(call, { ...REQUEST, token: "/".repeat(128) }, make), ["i-1"]);
});

async function inventoryOf(t: TestContext): Promise<Inventory> {
	const store = await openSqliteStore({ path: ":memory:" });
	const inventory = new Inventory(store, () => {});
	t.after(async () => {
		inventory.stop();
		await store.close();
	});
	return inventory;
}

function counter() {
	let count = 0;
	return Object.assign(() => Promise.resolve([`i-${++count}`]), { count: () => count });
}
