import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openHistoryFile, troubleOf } from "./open-history-file.ts";

test("a new history is for its owner's eyes only, log and all, and is opened again without a word", async (t) => {
	const folder = await makeFolder(t);
	const path = join(folder, "metrics.sqlite");
	const database = openHistoryFile(path, fail);
	database.exec("INSERT INTO counted_time VALUES (1, 2, 3)");
	assert.deepEqual((await readdir(folder)).toSorted(), ["metrics.sqlite", "metrics.sqlite-wal"]);
	for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
	database.close();
	const again = openHistoryFile(path, fail);
	assert.equal(again.prepare("SELECT counted_to FROM counted_time").get()?.["counted_to"], 1);
	again.close();
});

const UNUSABLE: Readonly<Record<string, { readonly make: (path: string) => Promise<void>; readonly said: RegExp }>> = {
	"is no database": { make: (path) => writeFile(path, "these are not the counts you are looking for".repeat(100)), said: /not a database/ },
	"is another program's database": {
		make: (path) => Promise.resolve(new DatabaseSync(path)).then((database) => (database.exec("CREATE TABLE other (x)"), database.close())),
		said: /another program/,
	},
	"is of another version": {
		make: (path) =>
			Promise.resolve(openHistoryFile(path, fail)).then((database) => (database.exec("PRAGMA user_version = 9"), database.close())),
		said: /version 9, this program's is 1/,
	},
	"may not be written": {
		// Root may write any file, but not this: a later write version in the header tells SQLite to read only.
		make: async (path) => {
			openHistoryFile(path, fail).close();
			await using file = await open(path, "r+");
			await file.write(new Uint8Array([3]), 0, 1, 18);
		},
		said: /readonly/,
	},
};
for (const [name, { make, said }] of Object.entries(UNUSABLE)) {
	test(`a file that ${name} is set aside as it is, and a new history begun`, async (t) => {
		const folder = await makeFolder(t);
		const path = join(folder, "metrics.sqlite");
		await make(path);
		const before = await readFile(path);
		const sentences: string[] = [];
		const database = openHistoryFile(path, (sentence) => sentences.push(sentence));
		database.exec("INSERT INTO counted_time VALUES (1, 2, 3)");
		database.close();
		const [aside = ""] = (await readdir(folder)).filter((name) => /^metrics\.sqlite\.damaged-\d{8}T\d{9}Z$/.test(name));
		assert.deepEqual(await readFile(join(folder, aside)), before);
		assert.equal(sentences.length, 1);
		assert.match(sentences[0] ?? "", said);
		assert.ok(sentences[0]?.includes(aside));
		openHistoryFile(path, fail).close();
	});
}

test("where no file can be, the history is in memory, and that is said", async (t) => {
	const folder = await makeFolder(t);
	await writeFile(join(folder, "file"), "");
	const sentences: string[] = [];
	const database = openHistoryFile(join(folder, "file", "metrics.sqlite"), (sentence) => sentences.push(sentence));
	database.exec("INSERT INTO counted_time VALUES (1, 2, 3)");
	database.close();
	assert.equal(sentences.length, 1);
	assert.match(sentences[0] ?? "", /counts are kept in memory, and lost when the service ends/);
});

test("a history that another process has is neither shared nor set aside", async (t) => {
	const folder = await makeFolder(t);
	const path = join(folder, "metrics.sqlite");
	const script = `
		import { openHistoryFile } from ${JSON.stringify(fileURLToPath(new URL("open-history-file.ts", import.meta.url)))};
		openHistoryFile(${JSON.stringify(path)}, console.error);
		console.log("open");
		setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
	const exited = once(child, "exit");
	await once(child.stdout, "data");
	assert.throws(
		() => openHistoryFile(path, fail),
		(error) => troubleOf(error) === "unwritable",
	);
	child.kill("SIGKILL");
	await exited;
	openHistoryFile(path, fail).close();
});

function fail(sentence: string): void {
	assert.fail(sentence);
}

async function makeFolder(t: TestContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "openimds-history-"));
	t.after(() => rm(folder, { recursive: true }));
	return folder;
}
