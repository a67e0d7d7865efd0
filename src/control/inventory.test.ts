import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { User } from "../model/iam.ts";
import { decodeRecord, encodeRecord, type Origin, type RecordKind, recordKey } from "../model/records.ts";
import { type Store, StoreError } from "../store/port.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { ApiError } from "./errors.ts";
import { Inventory } from "./inventory.ts";

function user(userName: string, path = "/"): User {
	return { userName, userId: `AIDA-${userName}`, path, accessKeys: [] };
}

/** A store, and inventories of it; what each has written is told. */
async function start(t: TestContext, count = 1) {
	const store = await openSqliteStore({ path: ":memory:" });
	const written: string[] = [];
	const inventories = Array.from(
		{ length: count },
		() => new Inventory(store, (kind: RecordKind, record: object) => written.push(`${kind} ${(record as User).userName}`)),
	);
	t.after(async () => {
		for (const inventory of inventories) inventory.stop();
		await store.close();
	});
	return { store, written, inventories, inventory: inventories[0]! };
}

async function keep(store: Store, record: User, origin: Origin): Promise<void> {
	const key = recordKey("user", record.userName);
	await store.put(key, encodeRecord({ origin, record }), (await store.get(key))?.revision ?? 0n);
}

async function stored(store: Store, userName: string) {
	const entry = await store.get(recordKey("user", userName));
	return entry && decodeRecord<"user">(entry.value);
}

function refused(code: string, status = 400) {
	return (error: unknown) => error instanceof ApiError && error.code === code && error.status === status;
}

/** The same store, which fails from the moment that it is told to. */
function failing(store: Store) {
	let fails = false;
	const guard =
		<A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
		async (...args: A): Promise<R> => {
			if (fails) throw new StoreError("full", "the disk of the store is full");
			return method(...args);
		};
	const broken: Store = {
		durable: store.durable,
		get: guard(store.get.bind(store)),
		put: guard(store.put.bind(store)),
		delete: guard(store.delete.bind(store)),
		revision: guard(store.revision.bind(store)),
		list: store.list.bind(store),
		watch: store.watch.bind(store),
		close: store.close.bind(store),
	};
	return { broken, fail: (now: boolean) => (fails = now) };
}

describe("records", () => {
	test("are those of the store, also what others write and take away later", async (t) => {
		const { store, inventory } = await start(t);
		await keep(store, user("ann"), "first-start");
		assert.deepEqual([...(await inventory.records()).user], [["ann", user("ann")]]);
		await keep(store, user("ben"), "api");
		await keep(store, user("ann", "/team/"), "first-start");
		assert.deepEqual(
			[...(await inventory.records()).user.values()].map(({ userName, path }) => [userName, path]),
			[
				["ann", "/team/"],
				["ben", "/"],
			],
		);
		const key = recordKey("user", "ann");
		await store.delete(key, (await store.get(key))!.revision);
		assert.deepEqual([...(await inventory.records()).user.keys()], ["ben"]);
	});

	test("have everything that was acknowledged before, whoever wrote it", async (t) => {
		const { inventories } = await start(t, 2);
		const [one, other] = inventories as [Inventory, Inventory];
		for (let n = 0; n < 50; n++) {
			await one.create("user", user(`u${n}`));
			assert.ok((await other.records()).user.has(`u${n}`));
		}
	});

	test("of every kind are there, if only as none, and other rooms' keys are no records", async (t) => {
		const { store, inventory } = await start(t);
		await store.put("other/room", new Uint8Array([1]), 0n);
		const records = await inventory.records();
		assert.equal(records.instance.size + records.user.size + records["client-token"].size, 0);
	});

	test("tell who keeps them, where that is not the APIs", async (t) => {
		const { store, inventory } = await start(t);
		await keep(store, user("ann"), "configuration");
		await inventory.create("user", user("ben"));
		await inventory.records();
		assert.equal(inventory.originOf("user", "ann"), "configuration");
		assert.equal(inventory.originOf("user", "ben"), undefined);
	});
});

describe("create", () => {
	test("writes what must not be there yet, all or none", async (t) => {
		const { inventory, store, written } = await start(t);
		assert.ok(await inventory.create("user", user("ann"), user("ben")));
		assert.deepEqual(written, ["user ann", "user ben"]);
		assert.equal((await stored(store, "ann"))?.origin, "api");
		assert.equal(await inventory.create("user", user("cem"), user("ben", "/other/"), user("dora")), false);
		assert.deepEqual([...(await inventory.records()).user.keys()], ["ann", "ben"]);
		assert.equal((await inventory.records()).user.get("ben")?.path, "/");
		assert.deepEqual(written, ["user ann", "user ben"]);
	});

	test("by two at once makes one, and tells only of that", async (t) => {
		const { inventories, written } = await start(t, 2);
		const outcomes = await Promise.all(inventories.map((inventory, index) => inventory.create("user", user("ann", `/${index}/`))));
		assert.equal(outcomes.filter(Boolean).length, 1);
		assert.deepEqual(written, ["user ann"]);
		const winner = outcomes.indexOf(true);
		assert.equal((await inventories[0]!.records()).user.get("ann")?.path, `/${winner}/`);
	});
});

describe("update", () => {
	test("changes a record as it is now, and tells what it is afterwards", async (t) => {
		const { inventory, written, store } = await start(t);
		await inventory.create("user", user("ann"));
		const after = await inventory.update("user", "ann", (before) => ({ ...before, path: `${before.path}team/` }));
		assert.equal(after?.path, "/team/");
		assert.deepEqual(await stored(store, "ann"), { origin: "api", record: user("ann", "/team/") });
		assert.deepEqual(written, ["user ann", "user ann"]);
	});

	test("leaves what is as it should be, and what is not there", async (t) => {
		const { inventory, written, store } = await start(t);
		await inventory.create("user", user("ann"));
		const revision = await store.revision();
		assert.deepEqual(await inventory.update("user", "ann", (before) => before), user("ann"));
		assert.equal(await inventory.update("user", "ben", () => assert.fail("asked about nobody")), undefined);
		assert.equal(await store.revision(), revision);
		assert.equal(written.length, 1);
	});

	test("by two inventories at once loses nothing", async (t) => {
		const { inventories, store } = await start(t, 2);
		await inventories[0]!.create("user", user("ann"));
		const add = (inventory: Inventory, letter: string) =>
			inventory.update("user", "ann", (before) => ({ ...before, path: `${before.path}${letter}/` }));
		await Promise.all([..."abcdefghij"].map((letter, index) => add(inventories[index % 2]!, letter)));
		const path = (await stored(store, "ann"))?.record.path ?? "";
		assert.deepEqual(path.split("/").filter(Boolean).toSorted(), [..."abcdefghij"]);
	});

	test("that is refused changes nothing", async (t) => {
		const { inventory, store } = await start(t);
		await inventory.create("user", user("ann"));
		const refusal = new ApiError("No", "no");
		await assert.rejects(
			inventory.update("user", "ann", () => {
				throw refusal;
			}),
			refusal,
		);
		assert.deepEqual((await stored(store, "ann"))?.record, user("ann"));
	});

	test("of what somebody else keeps remembers what that said last, once", async (t) => {
		for (const origin of ["configuration", "first-start"] as const) {
			const { inventory, store } = await start(t);
			await keep(store, user("ann"), origin);
			await inventory.update("user", "ann", (before) => ({ ...before, path: "/a/" }));
			assert.deepEqual(await stored(store, "ann"), { origin, record: user("ann", "/a/"), declared: user("ann") });
			await inventory.update("user", "ann", (before) => ({ ...before, path: "/b/" }));
			assert.deepEqual(await stored(store, "ann"), { origin, record: user("ann", "/b/"), declared: user("ann") });
		}
	});
});

describe("updateAll", () => {
	test("changes all, or none where one can't be", async (t) => {
		const { inventory } = await start(t);
		await inventory.create("user", user("ann"), user("ben"), user("cem", "/fixed/"));
		const move = (before: User) => {
			if (before.path === "/fixed/") throw new ApiError("No", "no");
			return { ...before, path: "/moved/" };
		};
		await assert.rejects(inventory.updateAll("user", ["ann", "cem", "ben"], move), refused("No"));
		assert.deepEqual(
			[...(await inventory.records()).user.values()].map(({ path }) => path),
			["/", "/", "/fixed/"],
		);
		const changes = await inventory.updateAll("user", ["ben", "ann"], move);
		assert.deepEqual(changes, [
			{ before: user("ben"), after: user("ben", "/moved/") },
			{ before: user("ann"), after: user("ann", "/moved/") },
		]);
	});

	test("passes over what is gone meanwhile", async (t) => {
		const { inventory } = await start(t);
		await inventory.create("user", user("ann"));
		const changes = await inventory.updateAll("user", ["gone", "ann"], (before) => ({ ...before, path: "/moved/" }));
		assert.deepEqual(
			changes.map(({ after }) => after.userName),
			["ann"],
		);
	});
});

describe("remove", () => {
	test("takes away what the APIs or the first start made, and nothing twice", async (t) => {
		const { inventory, store } = await start(t);
		await inventory.create("user", user("ann"));
		await keep(store, user("ben"), "first-start");
		assert.ok(await inventory.remove("user", "ann", "The user ann"));
		assert.ok(await inventory.remove("user", "ben", "The user ben"));
		assert.equal(await inventory.remove("user", "ann", "The user ann"), false);
		assert.equal((await inventory.records()).user.size, 0);
	});

	test("does not take away what the configuration file keeps, and says so", async (t) => {
		const { inventory, store } = await start(t);
		await keep(store, user("ann"), "configuration");
		await assert.rejects(inventory.remove("user", "ann", "The user ann"), (error: unknown) => {
			assert.ok(refused("OperationNotPermitted")(error));
			return (error as Error).message.startsWith("The user ann is kept by the configuration file");
		});
		await inventory.forget("user", "ann");
		assert.ok((await inventory.records()).user.has("ann"));
	});
});

describe("exclusively", () => {
	test("does one thing after the other, also behind one that failed", async (t) => {
		const { inventory } = await start(t);
		const order: string[] = [];
		const work = (name: string) => async () => {
			order.push(`${name} begins`);
			await inventory.records();
			order.push(`${name} ends`);
			if (name === "a") throw new Error(name);
			return name;
		};
		const outcomes = await Promise.allSettled(["a", "b", "c"].map((name) => inventory.exclusively(work(name))));
		assert.deepEqual(order, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
		assert.deepEqual(
			outcomes.map(({ status }) => status),
			["rejected", "fulfilled", "fulfilled"],
		);
	});
});

test("a record that no store takes is the request's mistake, and nothing of it is written", async (t) => {
	const { inventory } = await start(t);
	const path = `/${"a".repeat(1_048_576)}/`;
	await assert.rejects(inventory.create("user", user("ann"), user("ben", path)), refused("InvalidParameterValue"));
	assert.equal((await inventory.records()).user.size, 0);
	await inventory.create("user", user("ann"));
	await assert.rejects(
		inventory.update("user", "ann", (before) => ({ ...before, path })),
		refused("InvalidParameterValue"),
	);
	assert.deepEqual((await inventory.records()).user.get("ann"), user("ann"));
});

describe("a store that fails", () => {
	test("is Unavailable, which clients try again, with nothing half done, and the reason for the log", async (t) => {
		const { store } = await start(t);
		const { broken, fail } = failing(store);
		const written: string[] = [];
		const inventory = new Inventory(broken, (kind) => written.push(kind));
		t.after(() => inventory.stop());
		await inventory.create("user", user("ann"));
		fail(true);
		const calls: (() => Promise<unknown>)[] = [
			() => inventory.records(),
			() => inventory.create("user", user("ben"), user("cem")),
			() => inventory.update("user", "ann", (before) => ({ ...before, path: "/x/" })),
			() => inventory.updateAll("user", ["ann"], (before) => ({ ...before, path: "/x/" })),
			() => inventory.remove("user", "ann", "The user ann"),
		];
		for (const call of calls) {
			await assert.rejects(call(), (error: unknown) => {
				assert.ok(refused("Unavailable", 503)(error), String(error));
				assert.doesNotMatch((error as Error).message, /disk/);
				return (error as Error).cause instanceof StoreError;
			});
		}
		fail(false);
		assert.deepEqual([...(await inventory.records()).user.values()], [user("ann")]);
		assert.deepEqual(written, ["user"]);
	});

	test("when it is first read is read when it is next asked for", async (t) => {
		const { store } = await start(t);
		await keep(store, user("ann"), "api");
		const { broken, fail } = failing(store);
		const inventory = new Inventory(broken, () => {});
		t.after(() => inventory.stop());
		fail(true);
		await assert.rejects(inventory.records(), refused("Unavailable", 503));
		fail(false);
		assert.ok((await inventory.records()).user.has("ann"));
	});
});
