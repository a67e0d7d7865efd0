// The child of disk-full.test.ts: fills the little room that its store was given, makes room again, and checks the store all along.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Store, StoreError } from "../../src/store/port.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

const GROUP = 5;
const VALUE = new Uint8Array(2000).fill(7);

const [folder = "", code = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");
writeFileSync(ballast, new Uint8Array(300_000));
const path = join(folder, "imds.db");

let store = await openSqliteStore({ path });
const stop = new AbortController();
const seen: string[] = [];

let groups = 0;
while (await writeGroup(store, groups)) groups++;
assert.ok(groups > 10, `${groups} groups`);
for (let again = 0; again < 3; again++) assert.equal(await writeGroup(store, groups), false);
await check(store, groups);

// Closing may find too little room to move the log into the file: then it stays a log, and nothing is lost.
await store.close();
store = await openSqliteStore({ path });
await check(store, groups);

const watching = watch(store);
while (await writeGroup(store, groups)) groups++;
assert.equal(await writeGroup(store, groups), false);
await check(store, groups);
makeRoom();
for (let more = 0; more < 10; more++) assert.equal(await writeGroup(store, groups + more), true);
await check(store, groups + 10);
assert.equal(await store.put("end", VALUE, 0n), BigInt((groups + 10) * GROUP + 1));
await watching;
assert.deepEqual(seen, [...keysOf(groups + 10), "end"]);

await store.close();
store = await openSqliteStore({ path });
await check(store, groups + 10);
await store.close();
process.stdout.write(`${groups} groups before, 10 after\n`);

/** Whether it was written; if not, all of it was refused in the same way. */
async function writeGroup(store: Store, group: number): Promise<boolean> {
	const outcomes = await Promise.allSettled(groupKeys(group).map((key) => store.put(key, VALUE, 0n)));
	if (outcomes.every((outcome) => outcome.status === "fulfilled" && outcome.value !== undefined)) return true;
	for (const outcome of outcomes) {
		assert.ok(outcome.status === "rejected" && outcome.reason instanceof StoreError, JSON.stringify(outcomes, String));
		assert.equal(outcome.reason.code, code, outcome.reason.message);
	}
	return false;
}

async function check(store: Store, groups: number): Promise<void> {
	const keys: string[] = [];
	for await (const entry of store.list("k/")) keys.push(entry.key);
	assert.deepEqual(keys, keysOf(groups));
	for (const key of groupKeys(groups)) assert.equal(await store.get(key), undefined);
}

async function watch(store: Store): Promise<void> {
	for await (const { key } of store.watch("", 0n, stop.signal)) {
		seen.push(key);
		if (key === "end") return;
	}
}

function makeRoom(): void {
	if (code === "full") rmSync(ballast);
	else assert.equal(spawnSync("prlimit", [`--pid=${process.pid}`, "--fsize=unlimited:"]).status, 0);
}

function keysOf(groups: number): string[] {
	return Array.from({ length: groups }, (_, group) => groupKeys(group)).flat();
}

function groupKeys(group: number): string[] {
	return Array.from({ length: GROUP }, (_, n) => `k/${String(group).padStart(5, "0")}/${n}`);
}
