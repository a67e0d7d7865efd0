import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, open, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { failure } from "../contract.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describe("a new store", () => {
	test("is for its owner's eyes only, folder, file, log and all", async (t) => {
		const folder = join(await makeFolder(t), "a", "b");
		const store = await openSqliteStore({ path: join(folder, "imds.db") });
		await store.put("a", new Uint8Array(), 0n);
		assert.deepEqual((await readdir(folder)).toSorted(), ["imds.db", "imds.db-wal", "imds.db.pid"]);
		for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
		assert.equal((await stat(folder)).mode & 0o777, 0o700);
		await store.close();
		assert.deepEqual(await readdir(folder), ["imds.db"]);
	});

	test("may take over an empty file, as a crash in its first moment leaves it", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		await writeFile(path, "");
		await (await openSqliteStore({ path })).close();
		await (await openSqliteStore({ path })).close();
	});

	test("that may be read but not written is unusable", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		await fill(path);
		// Root may write any file, but not this: a later write version in the header tells SQLite to read only.
		await overwrite(path, 18, new Uint8Array([3]));
		await assert.rejects(openSqliteStore({ path }), failure("unusable"));
	});

	test("in a place that cannot be one is unusable", async (t) => {
		const folder = await makeFolder(t);
		await writeFile(join(folder, "file"), "");
		for (const path of [folder, join(folder, "file", "imds.db"), "/sys/openimds/imds.db"]) {
			await assert.rejects(openSqliteStore({ path }), (error) => failure("unusable")(error) && String(error).includes(path));
		}
	});
});

describe("the lock", () => {
	test("a second opening in the same process is refused, and the first still holds it afterwards", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		const store = await openSqliteStore({ path });
		await assert.rejects(openSqliteStore({ path }), failure("locked"));
		assert.match(await outcomeOf(opener(t, path, "close")), /^locked /);
		await store.close();
		assert.equal(await outcomeOf(opener(t, path, "close")), "open\n");
	});

	test("a second process is told who holds it, and gets it once the holder was killed", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		const holder = opener(t, path, "hold");
		assert.ok(holder.stdout);
		assert.equal(String((await once(holder.stdout, "data"))[0]), "open\n");
		await assert.rejects(openSqliteStore({ path }), (error) => failure("locked")(error) && String(error).includes(`(pid ${holder.pid})`));
		holder.kill("SIGKILL");
		await once(holder, "exit");
		assert.ok(existsSync(`${path}.pid`), "a killed process leaves its note, which locks nothing");
		await (await openSqliteStore({ path })).close();
	});

	test("of processes that create one store at the same moment never two get it", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		const openers = Array.from({ length: 4 }, () => opener(t, path, "hold"));
		const outcomes = await Promise.all(openers.map(async ({ stdout }) => stdout && String((await once(stdout, "data"))[0])));
		const refused = outcomes.filter((outcome) => outcome?.startsWith("locked ")).length;
		const opened = outcomes.filter((outcome) => outcome === "open\n").length;
		assert.ok(opened <= 1 && opened + refused === 4, String(outcomes));
	});
});

describe("a file that is no sound store is refused and left as it was", () => {
	const damages: Record<string, (path: string, t: TestContext) => Promise<unknown>> = {
		"random bytes": (path) =>
			writeFile(
				path,
				Uint8Array.from({ length: 50_000 }, (_, n) => (n * 31 + (n >> 8) * 17) & 0xff),
			),
		"a few bytes": (path) => writeFile(path, "hello"),
		"a truncated file": async (path) => truncate(path, (await stat(path)).size - 20_000),
		"a file truncated in the first page": (path) => truncate(path, 1000),
		"a page of zeros": (path) => overwrite(path, 4096, new Uint8Array(4096)),
		"two pages swapped": async (path) => {
			const bytes = await readFile(path);
			await overwrite(path, 4096 * 2, bytes.subarray(4096 * 5, 4096 * 6));
			await overwrite(path, 4096 * 5, bytes.subarray(4096 * 2, 4096 * 3));
		},
		"a damaged schema": async (path) => overwrite(path, (await readFile(path)).indexOf("TABLE entries"), Buffer.from("TABLE entriez")),
		"a schema that is not ours": async (path) => overwrite(path, 0, replaceAll(await readFile(path), "entries", "entrees")),
		"another program's database": async (path) => {
			await rm(path);
			const database = new DatabaseSync(path);
			database.exec("CREATE TABLE theirs (a)");
			database.close();
		},
		"damage beneath a crashed store's log": async (path, t) => {
			await crash(path, t);
			await overwrite(path, 4096 * 3, new Uint8Array(4096 * 3));
		},
		"a crashed store whose log has lost its file": async (path, t) => {
			await crash(path, t);
			await truncate(path, 0);
		},
	};

	for (const [name, damage] of Object.entries(damages)) {
		test(name, async (t) => {
			const path = join(await makeFolder(t), "imds.db");
			await fill(path);
			await damage(path, t);
			const before = await contents(dirname(path));
			await assert.rejects(openSqliteStore({ path }), failure("corrupt"));
			await assert.rejects(openSqliteStore({ path }), failure("corrupt"));
			assert.deepEqual(await contents(dirname(path)), before);
		});
	}

	test("a store of a newer version", async (t) => {
		const path = join(await makeFolder(t), "imds.db");
		await fill(path);
		const database = new DatabaseSync(path);
		database.exec("PRAGMA user_version = 99");
		database.close();
		const before = await contents(dirname(path));
		await assert.rejects(
			openSqliteStore({ path }),
			(error) => failure("version")(error) && /version 99, this one knows 1\b/.test(String(error)),
		);
		assert.deepEqual(await contents(dirname(path)), before);
	});
});

test("a crashed store is whole again when opened, and its log is gone when closed", async (t) => {
	const folder = await makeFolder(t);
	const path = join(folder, "imds.db");
	await fill(path);
	await crash(path, t);
	const store = await openSqliteStore({ path });
	assert.equal((await store.get("k/199"))?.value.length, 600);
	assert.equal((await store.get("last"))?.value.length, 1);
	await store.close();
	assert.deepEqual(await readdir(folder), ["imds.db"]);
});

async function makeFolder(t: TestContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "openimds-store-"));
	t.after(() => rm(folder, { recursive: true }));
	return folder;
}

async function fill(path: string): Promise<void> {
	const store = await openSqliteStore({ path });
	await Promise.all(Array.from({ length: 200 }, (_, n) => store.put(`k/${n}`, new Uint8Array(600).fill(n), 0n)));
	await store.close();
}

/** Leaves what a killed process would: a write in the log that the file has not. */
async function crash(path: string, t: TestContext): Promise<void> {
	const store = await openSqliteStore({ path });
	await store.put("last", new Uint8Array(1), 0n);
	const kept = await makeFolder(t);
	for (const name of ["imds.db", "imds.db-wal"]) await copyFile(`${path}${name.slice("imds.db".length)}`, join(kept, name));
	await store.close();
	for (const name of ["imds.db", "imds.db-wal"]) await copyFile(join(kept, name), `${path}${name.slice("imds.db".length)}`);
}

function replaceAll(bytes: Buffer, from: string, to: string): Buffer {
	return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

async function overwrite(path: string, position: number, bytes: Uint8Array): Promise<void> {
	assert.ok(position >= 0);
	await using file = await open(path, "r+");
	await file.write(bytes, 0, bytes.length, position);
}

/** Every file but the shared memory of readers, which holds nothing. */
async function contents(folder: string): Promise<string[]> {
	const names = (await readdir(folder)).filter((name) => !name.endsWith("-shm")).toSorted();
	return Promise.all(names.map(async (name) => `${name} ${hash("sha256", await readFile(join(folder, name)))}`));
}

/** Another process that opens the store, says "open" or why not, and closes or holds it until killed. */
function opener(t: TestContext, path: string, then: "close" | "hold"): ChildProcess {
	const script = `
		import { openSqliteStore } from ${JSON.stringify(fileURLToPath(new URL("sqlite-store.ts", import.meta.url)))};
		try {
			const store = await openSqliteStore({ path: ${JSON.stringify(path)} });
			console.log("open");
			if (${JSON.stringify(then)} === "hold") setInterval(() => {}, 1000);
			else await store.close();
		} catch (error) {
			console.log(error.code, error.message);
		}`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
	t.after(() => child.kill("SIGKILL"));
	return child;
}

async function outcomeOf({ stdout }: ChildProcess): Promise<string> {
	assert.ok(stdout);
	let said = "";
	for await (const chunk of stdout) said += String(chunk);
	return said;
}
