import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceState } from "./instance.ts";
import { hasLightsailName, LIGHTSAIL_NAME_PATTERN } from "./lightsail-name.ts";

test("a name has 2 to 255 letters, digits, hyphens, underscores and full stops, and begins and ends with none but a letter, digit or underscore", () => {
	for (const name of ["ab", "Web-1", "1-2", "_a_", "www.example.com", "a".repeat(255)]) assert.match(name, LIGHTSAIL_NAME_PATTERN);
	for (const name of ["", "a", "-a", "a-", ".a", "a.", "a b", "a/b", "ä1", "ab\n", "a".repeat(256)])
		assert.doesNotMatch(name, LIGHTSAIL_NAME_PATTERN);
});

test("an instance that is being deleted has no name any more, and one of EC2 never had", () => {
	const lightsail = { name: "Web-1", blueprintId: "mean", bundleId: "nano_3_0", createdAt: "2026-01-02T03:04:05Z" };
	const states: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"];
	assert.deepEqual(
		states.filter((state) => hasLightsailName({ state, lightsail })),
		["pending", "running", "stopping", "stopped"],
	);
	assert.ok(!hasLightsailName({ state: "running" }));
});
