import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("docs/architecture.md names every room of src/, and no other", () => {
	// The rooms are the lines "  name/ …" of the page's tree that begins with "src/".
	const [, tree = ""] = /^src\/\n((?: .*\n)+)/m.exec(readFileSync("docs/architecture.md", "utf8")) ?? [];
	const named = [...tree.matchAll(/^ {2}([a-z0-9-]+)\//gm)].map(([, name]) => String(name));
	const rooms = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
	assert.deepEqual(named.toSorted(), rooms.map(({ name }) => name).toSorted());
});

test("docs/parity.md lists the tagged comments of src/ as they are", () => {
	const { status, stderr } = spawnSync(process.execPath, ["scripts/parity.ts", "--check"], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
});
