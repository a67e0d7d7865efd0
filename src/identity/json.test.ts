import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText, type Printable } from "./json.ts";

test("an object has a space on both sides of each colon and no newline at the end", () => {
	assert.equal(
		jsonText({ Code: "Success", Count: 3, Alive: true, Gone: null }),
		["{", '  "Code" : "Success",', '  "Count" : 3,', '  "Alive" : true,', '  "Gone" : null', "}"].join("\n"),
	);
});

test("a field that is undefined is left out", () => {
	assert.equal(jsonText({ NotBefore: "a", NotAfter: undefined }), '{\n  "NotBefore" : "a"\n}');
});

test("a list of plain values is on one line", () => {
	assert.equal(jsonText({ billingProducts: ["bp-1", "bp-2"] }), '{\n  "billingProducts" : [ "bp-1", "bp-2" ]\n}');
	assert.equal(jsonText([]), "[]");
});

test("a list of objects opens on its own line and indents them", () => {
	const event = { NotBefore: "21 Jan 2019 09:00:43 GMT", Code: "system-reboot" };
	const printed = ["  {", '    "NotBefore" : "21 Jan 2019 09:00:43 GMT",', '    "Code" : "system-reboot"', "  }"].join("\n");
	assert.equal(jsonText([event]), `[\n${printed}\n]`);
	assert.equal(jsonText([event, event]), `[\n${printed},\n${printed}\n]`);
});

test("objects nest", () => {
	assert.equal(jsonText({ a: { b: ["c"], d: {} } }), '{\n  "a" : {\n    "b" : [ "c" ],\n    "d" : { }\n  }\n}');
});

test("every value survives printing and parsing", () => {
	// By way of JSON.stringify, which has no negative zero either.
	fc.assert(fc.property(fc.json(), (json) => assert.deepEqual(JSON.parse(jsonText(JSON.parse(json) as Printable)), JSON.parse(json))));
});
