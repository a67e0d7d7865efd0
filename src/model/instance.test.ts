import assert from "node:assert/strict";
import { test } from "node:test";
import { type InstanceState, reachesMetadata } from "./instance.ts";

const REACHES: Readonly<Record<InstanceState, boolean>> = {
	pending: true,
	running: true,
	stopping: true,
	stopped: false,
	"shutting-down": true,
	terminated: false,
};

for (const [state, reaches] of Object.entries(REACHES)) {
	test(`an instance that is ${state} ${reaches ? "reaches" : "does not reach"} its metadata`, () => {
		assert.equal(reachesMetadata(state as InstanceState), reaches);
	});
}
