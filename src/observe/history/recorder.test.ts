import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Batch } from "./batch.ts";
import { MINUTE_MS } from "./minute.ts";
import { Recorder } from "./recorder.ts";

const START = 29_000_000;

/** As root, or as anyone where the kernel lets anyone have namespaces. */
const UNSHARE = [["--mount"], ["--mount", "--map-root-user"]].find(
	(options) => spawnSync("unshare", [...options, "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0,
);

test("a file that turns out to be damaged is set aside, the batch goes into a new one, and what ran goes on", (t) => {
	const path = join(makeFolder(t), "metrics.sqlite");
	const before = newRecorder(path, assert.fail);
	before.record(
		batchAt(START, {
			ids: ["i-a"],
			counts: Uint32Array.of(0, START, 0, 5),
			modes: [{ instanceId: "i-a", minute: START, mode: "optional" }],
		}),
	);
	before.close();
	// All but the first page, which has the schema.
	const file = openSync(path, "r+");
	writeSync(file, Buffer.alloc(statSync(path).size - 4096, 0xff), 0, undefined, 4096);
	closeSync(file);

	const said: string[] = [];
	const after = new Recorder({ path, ids: ["i-a"], modes: new Map([["i-a", "optional"]]), say: (sentence) => said.push(sentence) });
	after.record(batchAt(START + 1, { counts: Uint32Array.of(0, START + 1, 0, 2) }));
	assert.deepEqual(sums(after), { minutes: 1, sums: [2] });
	assert.equal(said.length, 1);
	assert.match(said[0] ?? "", /cannot be used \(.+\): it is kept as .+damaged-/);
	after.close();
});

test("a day that can't be unpacked makes one question fail, and the next one find a new history", (t) => {
	const path = join(makeFolder(t), "metrics.sqlite");
	const before = newRecorder(path, assert.fail);
	before.record(batchAt(START, { ids: ["i-a"], counts: Uint32Array.of(0, START, 0, 5) }));
	before.record(batchAt(START + 120, {}));
	for (const _ of before.keepHouse());
	before.close();
	const database = new DatabaseSync(path);
	database.exec("UPDATE packed SET data = x'ffff'");
	database.close();

	const said: string[] = [];
	const after = newRecorder(path, (sentence) => said.push(sentence));
	assert.throws(() => sums(after), /cannot be unpacked/);
	assert.deepEqual(sums(after), undefined);
	assert.equal(said.length, 1);
	assert.equal(readdirSync(join(path, "..")).filter((name) => name.includes(".damaged-")).length, 1);
	after.close();
});

test("a batch that can't be right is left out, all of it, and the next one is not", (t) => {
	const said: string[] = [];
	const recorder = newRecorder(join(makeFolder(t), "metrics.sqlite"), (sentence) => said.push(sentence));
	recorder.record(batchAt(START, { ids: ["i-a"], counts: Uint32Array.of(0, START, 0, 5, 1, START, 0, 1) }));
	recorder.record(batchAt(START, { counts: Uint32Array.of(0, START, 99, 1) }));
	recorder.record(batchAt(START, { counts: Uint32Array.of(0, START, 0, 1) }));
	assert.deepEqual(sums(recorder)?.sums, [1]);
	assert.match(said[0] ?? "", /no instance has the handle 1: there are 1/);
	assert.match(said[1] ?? "", /there is no series 99: 0 to 27/);
	assert.equal(said.length, 2);
	recorder.close();
});

test(
	"on a full disk counts wait in memory, which is said once, and are all there when there is room",
	{ skip: UNSHARE === undefined && "this user may not mount a small file system" },
	(t) => {
		const said = onSmallDisk(
			t,
			`
		fill();
		for (let n = 0; n < 20; n++) recorder.record(batch(minute));
		assert.throws(() => recorder.settle(), /wait for the history/);
		assert.equal(said.length, 1);
		makeRoom();
		recorder.record(batch(minute));
		recorder.settle();
		assert.equal(total(), counted);
		recorder.close();`,
		);
		assert.equal(said.length, 2);
		assert.match(said[0] ?? "", /cannot be written \(.*full.*\): counts wait in memory until it can be/);
		assert.match(said[1] ?? "", /is written again/);
	},
);

test(
	"what is too much to wait is lost, the oldest first and with that also the claim that it was counted",
	{ skip: UNSHARE === undefined && "this user may not mount a small file system" },
	(t) => {
		const said = onSmallDisk(
			t,
			`
		recorder.record({ ...batch(minute), modes: [{ instanceId: "i-0", minute, mode: "optional" }] });
		fill();
		const full = minute;
		recorder.record({ ...batch(++minute), modes: [{ instanceId: "i-1", minute, mode: "required" }] });
		for (let n = 0; n < 150; n++) recorder.record(batch(++minute));
		makeRoom();
		recorder.record(batch(++minute));
		recorder.settle();
		assert.ok(total() < counted, "something is lost");
		const since = { instanceIds: ["i-0", "i-1"], fromMs: (full + 1) * 60000, toMs: (minute + 1) * 60000, series: [0] };
		const [{ minutes, sums }, started] = [...recorder.ask((file) => file.observed(since))].flat();
		assert.ok(minutes > 10 && minutes < 140, minutes + " minutes of 151 are claimed to be counted");
		assert.equal(sums[0], minutes, "each of them has its count");
		assert.equal(started.minutes, minutes, "what started when all was full is known to run");
		recorder.close();`,
		);
		assert.equal(said.length, 3);
		assert.match(said[1] ?? "", /the oldest are lost/);
	},
);

/** Runs a script where there is room for twelve megabytes, nine of them taken; answers what the recorder said. */
function onSmallDisk(t: TestContext, script: string): string[] {
	const module = `
		import assert from "node:assert/strict";
		import { rmSync, writeFileSync } from "node:fs";
		import { Recorder } from ${JSON.stringify(fileURLToPath(new URL("recorder.ts", import.meta.url)))};
		const folder = process.env.FOLDER;
		writeFileSync(folder + "/ballast", new Uint8Array(9_000_000));
		const said = [];
		const ids = Array.from({ length: 1000 }, (_, n) => "i-" + n);
		const recorder = new Recorder({ path: folder + "/metrics.sqlite", ids, modes: new Map(), say: (sentence) => said.push(sentence), waitingMaxBytes: 1_000_000 });
		let minute = ${START};
		let counted = 0;
		const batch = (minute) => {
			counted += ids.length;
			const counts = Uint32Array.from(ids.flatMap((_, handle) => [handle, minute, 0, 1]));
			return { atMs: minute * 60000, ids: [], counts, modes: [], calls: [], lastCalls: [] };
		};
		const fill = () => { while (said.length === 0) recorder.record(batch(++minute)); };
		const makeRoom = () => rmSync(folder + "/ballast");
		const total = () => [...recorder.ask((file) => file.observed({ instanceIds: ids, fromMs: 0, toMs: (minute + 1) * 60000, series: [0] }))]
			.flat().reduce((sum, { sums }) => sum + sums[0], 0);
		${script}
		console.log(JSON.stringify(said));`;
	const folder = makeFolder(t);
	const shell = 'mount -t tmpfs -o size=12m tmpfs "$FOLDER" && exec "$@"';
	const { status, stdout, stderr } = spawnSync(
		"unshare",
		[...(UNSHARE ?? []), "sh", "-c", shell, "sh", process.execPath, "--input-type=module", "--eval", module],
		{ encoding: "utf8", env: { ...process.env, FOLDER: folder } },
	);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout) as string[];
}

function sums(recorder: Recorder): { minutes: number; sums: readonly number[] } | undefined {
	const all = { instanceIds: ["i-a"], fromMs: 0, toMs: 2 * START * MINUTE_MS, series: [0] };
	const [observed] = [...recorder.ask((file) => file.observed(all))].flat();
	return observed && { minutes: observed.minutes, sums: observed.sums };
}

function newRecorder(path: string, say: (sentence: string) => void): Recorder {
	return new Recorder({ path, ids: [], modes: new Map(), say });
}

function batchAt(minute: number, parts: Partial<Batch>): Batch {
	return { atMs: minute * MINUTE_MS, ids: [], counts: new Uint32Array(), modes: [], calls: [], lastCalls: [], ...parts };
}

function makeFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "openimds-history-"));
	t.after(() => rmSync(folder, { recursive: true }));
	return folder;
}
