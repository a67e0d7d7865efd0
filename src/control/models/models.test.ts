import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

test("the models and types are what the SDK says", () => {
	const { status, stderr } = spawnSync(process.execPath, ["scripts/generate-models.ts", "--check"], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
});
