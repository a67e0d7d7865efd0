import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requireTool } from "../tools.ts";

const FILLER = fileURLToPath(new URL("filler.ts", import.meta.url));

const prlimit = requireTool("prlimit");

/** As root, or as anyone where the kernel lets anyone have namespaces. */
const UNSHARE = [["--mount"], ["--mount", "--map-root-user"]].find(
	(options) => spawnSync("unshare", [...options, "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0,
);

test(
	"a full disk refuses whole groups, shows nobody any of them, and is forgotten once there is room",
	{ skip: UNSHARE === undefined && "this user may not mount a small file system" },
	(t) => {
		const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1" full';
		run("unshare", [...(UNSHARE ?? []), "sh", "-c", script, "sh", makeFolder(t), process.execPath, FILLER]);
	},
);

test("a write error of another kind does the same", { skip: prlimit.skip }, (t) =>
	run("prlimit", ["--fsize=500000:", process.execPath, FILLER, makeFolder(t), "unusable"]),
);

function run(command: string, args: string[]): void {
	const { status, signal, stderr, stdout } = spawnSync(command, args, { encoding: "utf8" });
	assert.equal(status, 0, `${signal}\n${stdout}\n${stderr}`);
	assert.match(stdout, /^\d+ groups before, 10 after$/m);
}

function makeFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "openimds-full-"));
	t.after(() => rmSync(folder, { recursive: true }));
	return folder;
}
