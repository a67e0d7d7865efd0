import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "./new-id.ts";

test("an id has its prefix and 17 hexadecimal digits, all of them by chance", () => {
	const ids = Array.from({ length: 2_000 }, () => newId("i"));
	for (const id of ids) assert.match(id, /^i-[0-9a-f]{17}$/);
	assert.equal(new Set(ids).size, ids.length);
	for (let place = 2; place < 19; place++) assert.equal(new Set(ids.map((id) => id[place])).size, 16, `place ${place}`);
	assert.match(newId("iip-assoc"), /^iip-assoc-[0-9a-f]{17}$/);
});
