import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensOf } from "./name-tokens.ts";

test("names are taken apart as in the guide's table", () => {
	assert.deepEqual(tokensOf("CustomCount1"), ["Custom", "Count", "1"]);
	assert.deepEqual(tokensOf("SDBFailure"), ["SDB", "Failure"]);
	assert.deepEqual(tokensOf("Project2-trial333"), ["Project", "2", "trial", "333"]);
	assert.deepEqual(tokensOf("Network-Errors_2"), ["Network", "Errors", "2"]);
	assert.deepEqual(tokensOf("AWS/EC2"), ["AWS", "EC", "2"]);
	assert.deepEqual(tokensOf("--"), []);
});
