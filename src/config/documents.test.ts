import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { planFile, planText } from "./declaration-file.ts";
import { parseRecordKey } from "../model/records.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);

test("docs/openimds.schema.json and the tables of docs/configuration.md are what the schema says", () => {
	const { status, stderr } = spawnSync(process.execPath, ["scripts/generate-schema.ts", "--check"], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
});

describe("an example of docs/configuration.md can be used:", () => {
	const examples = [...readFileSync("docs/configuration.md", "utf8").matchAll(/^## (.*)$|^```yaml\n([^]*?)^```$/gm)];
	let title = "";
	for (const [, heading, yaml] of examples) {
		title = heading ?? title;
		if (yaml === undefined) continue;
		test(`${title}: ${yaml.split("\n", 1)[0]}`, () => {
			const writes = planText(yaml, "docs/configuration.md", new Map(), NOW_MS);
			assert.ok(writes.some(({ key }) => parseRecordKey(key)?.kind === "instance"));
		});
	}
	test("there are some", () => assert.ok(examples.length > 12));
});

test("the instances of test/fixtures/config/shapes.yaml are all launched", () => {
	const writes = planFile("test/fixtures/config/shapes.yaml", new Map(), NOW_MS);
	assert.ok(writes.filter(({ key }) => parseRecordKey(key)?.kind === "instance").length >= 7);
});
