import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { duplicateKeys } from "./duplicate-keys.ts";

test("a key that stands twice in one object is found, with its place", () => {
	assert.deepEqual(duplicateKeys('{"a": 1, "a": 2}'), ["a"]);
	assert.deepEqual(duplicateKeys('{"Statement": [{}, {"Effect": "Allow", "Sid": "", "Effect": "Deny"}]}'), ["Statement[1].Effect"]);
	assert.deepEqual(duplicateKeys('{"a": {"b": 1, "c": {"d": [], "d": []}}, "a": 0, "a": 0}'), ["a.c.d", "a", "a"]);
	assert.deepEqual(duplicateKeys('[[{"a": 1}, {"a": 1, "\\u0061": 1}]]'), ["[0][1].a"]);
});

test("the same key in different objects, or as a value, is nothing to find", () => {
	assert.deepEqual(duplicateKeys('{"a": {"a": "a"}, "b": [{"a": ["a", "a"]}, {"a": 1}]}'), []);
	assert.deepEqual(duplicateKeys('{"a": "\\"a\\": {", "b": "}, [\\\\"}'), []);
	assert.deepEqual(duplicateKeys('"a"'), []);
});

test("JSON that was printed from a value has no duplicates", () => {
	fc.assert(fc.property(fc.json(), (json) => assert.deepEqual(duplicateKeys(JSON.stringify(JSON.parse(json))), [])));
});

test("a field that is added again anywhere is found", () => {
	const inner = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
	fc.assert(
		fc.property(fc.array(fc.jsonValue()), inner, fc.nat(), (before, object, nat) => {
			const keys = Object.keys(object);
			const again = JSON.stringify(keys[nat % keys.length]);
			const json = `{"list": [${[...before.map((value) => JSON.stringify(value)), `${JSON.stringify(object).slice(0, -1)},${again}:0}`].join()}]}`;
			assert.equal(duplicateKeys(json).length, 1, json);
		}),
	);
});
