import assert from "node:assert/strict";
import { test } from "node:test";
import { listed, nearest } from "./nearest.ts";

const COMMANDS = ["serve", "get", "env", "instances", "certificates", "status"];

test("a slip of the finger is recognized", () => {
	for (const [slip, meant] of [
		["gte", "get"],
		["serv", "serve"],
		["instnaces", "instances"],
		["certificate", "certificates"],
		["ststus", "status"],
	]) {
		assert.deepEqual(nearest(slip ?? "", COMMANDS), [meant]);
	}
});

test("another word is not", () => {
	for (const word of ["", "launch", "x", "terminate-instances", "e".repeat(10_000)]) assert.deepEqual(nearest(word, COMMANDS), []);
});

test("names that are as near as each other are all told", () => {
	assert.deepEqual(nearest("local-ipv", ["local-ipv4", "local-ipv6", "mac"]), ["local-ipv4", "local-ipv6"]);
	assert.equal(listed(["local-ipv4", "local-ipv6"]), '"local-ipv4" or "local-ipv6"');
	assert.equal(listed(["a", "b", "c"]), '"a", "b" or "c"');
	assert.equal(listed(["a", "b", "c", "d", "e", "f"]), '"a", "b", "c", "d", "e", …');
});
