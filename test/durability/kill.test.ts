import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { streamState } from "./stream.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));

test("fifty kills of the writer, and every acknowledged write is there", async (t) => {
	const path = join(await makeFolder(t), "imds.db");
	let acknowledged = 0;
	for (let round = 0; round < 50; round++) {
		// Some while opening, which after a kill means recovering; some just opened; most somewhere in the stream.
		const killAt = randomInt(5) === 0 ? ["opening", "open"][randomInt(2)] : String(acknowledged + randomInt(1, 400));
		acknowledged = Math.max(acknowledged, await writeUntil(path, killAt ?? ""));
		acknowledged = await check(path, acknowledged);
	}
	assert.ok(acknowledged > 1000, `only ${acknowledged} writes in all`);
});

test("a writer killed while it creates a store leaves one that opens", async (t) => {
	for (let round = 0; round < 10; round++) {
		const path = join(await makeFolder(t), "imds.db");
		await check(path, await writeUntil(path, "opening"));
	}
});

/** Kills the writer when it has said `line`; answers the last write it acknowledged. */
async function writeUntil(path: string, line: string): Promise<number> {
	const writer = spawn(process.execPath, [WRITER, path], { stdio: ["ignore", "pipe", "inherit"] });
	const exited = once(writer, "exit");
	let acknowledged = 0;
	for await (const said of createInterface(writer.stdout)) {
		if (said === line) writer.kill("SIGKILL");
		if (/^\d+$/.test(said)) acknowledged = Number(said);
	}
	assert.deepEqual(await exited, [null, "SIGKILL"], `the writer ended by itself before "${line}"`);
	return acknowledged;
}

/** The store may have more than was acknowledged, never less, and exactly what that many writes make. Answers how many it has. */
async function check(path: string, acknowledged: number): Promise<number> {
	const store = await openSqliteStore({ path });
	const written = Number(await store.revision());
	assert.ok(written >= acknowledged, `write ${acknowledged} was acknowledged, but the store ends at ${written}`);
	const state = streamState(written);
	for await (const { key, value, revision } of store.list("")) {
		const wanted = state.get(key);
		assert.ok(wanted, `${key} at ${revision} should not be there after ${written} writes`);
		assert.equal(revision, wanted.revision, key);
		assert.equal(Buffer.compare(value, wanted.value), 0, `the value of ${key} at ${revision}`);
		state.delete(key);
	}
	assert.deepEqual([...state.keys()], [], `missing after ${written} writes`);
	await store.close();
	return written;
}

async function makeFolder(t: TestContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "openimds-kill-"));
	t.after(() => rm(folder, { recursive: true }));
	return folder;
}
