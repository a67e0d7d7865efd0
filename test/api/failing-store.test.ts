// A store that fails while the APIs are asked: the answers, and what was done.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";

const SCENE = fileURLToPath(new URL("failing-store-scene.ts", import.meta.url));

const prlimit = requireTool("prlimit");

/** As root, or as anyone where the kernel lets anyone have namespaces. */
const UNSHARE = [["--mount"], ["--mount", "--map-root-user"]].find(
	(options) => spawnSync("unshare", [...options, "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0,
);

test(
	"on a full disk changes are refused whole, as a reason to try again, and are made once there is room",
	{ skip: UNSHARE === undefined && "this user may not mount a small file system" },
	(t) => {
		const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1" full';
		run("unshare", [...(UNSHARE ?? []), "sh", "-c", script, "sh", temporaryFolder(t), process.execPath, SCENE]);
	},
);

test("where nothing can be written for another reason it is the same", { skip: prlimit.skip }, (t) =>
	run(process.execPath, [SCENE, temporaryFolder(t), "unusable"]),
);

function run(command: string, args: readonly string[]): void {
	const { status, signal, stderr, stdout } = spawnSync(command, args, { encoding: "utf8" });
	assert.equal(status, 0, `${signal}\n${stdout}\n${stderr}`);
	assert.match(stdout, /^\d+ launches$/m);
}
