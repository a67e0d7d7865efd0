import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readdirSync, readFileSync } from "node:fs";
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

test("docs/api.md names every operation that there is, and no other", () => {
	const page = readFileSync("docs/api.md", "utf8");
	const [, section = ""] = /^## Operations\n([^]*?)^## /m.exec(page) ?? [];
	const named = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
		cell.split(", ").map((name) => name.replaceAll("`", "")),
	);
	const operations = globSync("src/control/models/*.json").flatMap((file) => {
		const model = JSON.parse(readFileSync(file, "utf8")) as { operations: object };
		return Object.keys(model.operations);
	});
	assert.deepEqual(named.toSorted(), operations.toSorted());
});

test("docs/api.md tells of every conformance case that has a test, and of no other", () => {
	const told = [...readFileSync("docs/api.md", "utf8").matchAll(/^\| (C\d+) \|/gm)].map(([, name]) => String(name));
	const tests = globSync("test/conformance/control-*.test.ts").flatMap((file) => {
		const names = readFileSync(file, "utf8").matchAll(/test\(\s*["`](C\d[^:]*):/g);
		return [...names].flatMap(([, head = ""]) => head.match(/C\d+/g) ?? []);
	});
	assert.deepEqual(told.toSorted(), [...new Set(tests)].toSorted());
});
