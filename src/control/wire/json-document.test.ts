import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseJson } from "./json-document.ts";

function parsed(text: string): unknown {
	return parseJson(Buffer.from(text));
}

describe("is refused:", () => {
	const MIB = 1_048_576;
	for (const [name, text, told] of [
		["nothing", "", "The body is not JSON."],
		["half an object", '{"a":', "The body is not JSON."],
		["a comma too many", '{"a":1,}', "The body is not JSON."],
		["two objects", "{}{}", "The body is not JSON."],
		["a comment", "{/**/}", "The body is not JSON."],
		["a number of JavaScript", '{"a":NaN}', "The body is not JSON."],
		["a line end in a string", '{"a":"\n"}', "The body is not JSON."],
		["a byte order mark", "\ufeff{}", "The body is not JSON."],
		["what is secret, without telling it", '{"password":hunter2}', "The body is not JSON."],
		["a member twice", '{"a":1,"b":{"a":1},"a":1}', "The member 'a' is given more than once."],
		["a member twice, written otherwise", '{"a" :1,"\\u0061"\n:1}', "The member 'a' is given more than once."],
		["a member twice, in a list", '[0,[{"x":"}"},{"a\\"":[],"a\\"":{}}]]', "The member 'a\"' is given more than once."],
		["a member of every object twice", '{"__proto__":1,"__proto__":2}', "The member '__proto__' is given more than once."],
		["65 levels", `${'{"a":['.repeat(32)}{}${"]}".repeat(32)}`, "The body has objects and lists of more than 64 levels."],
		["half a million levels", "[".repeat(MIB / 2) + "]".repeat(MIB / 2), "The body has objects and lists of more than 64 levels."],
		["half a million levels without an end", "[".repeat(MIB), "The body has objects and lists of more than 64 levels."],
		["a string without an end", `{"a":"${'\\"'.repeat(MIB / 2)}`, "The body is not JSON."],
		["a name with a broken escape", '{"\\u00":1}', "The body is not JSON."],
	] as const) {
		test(name, () => assert.throws(() => parsed(text), { name: "WireError", code: "SerializationException", message: told }));
	}

	for (const hex of ["7b2261223a22ff227d", "7b2261223a22eda080227d", "fffe7b007d00"]) {
		test(`bytes that are not UTF-8: ${hex}`, () =>
			assert.throws(() => parseJson(Buffer.from(hex, "hex")), { code: "SerializationException", message: "The body is not UTF-8." }));
	}
});

test("64 levels are read", () => {
	assert.deepEqual(parsed("[".repeat(64) + "]".repeat(64)), JSON.parse("[".repeat(64) + "]".repeat(64)));
});

test("a value that is like a name is none", () => {
	assert.deepEqual(parsed('{"a":"a","b":["b","b",{"a":"\\\\"}],"c":"\\":"}'), { a: "a", b: ["b", "b", { a: "\\" }], c: '":' });
});

test("a megabyte of names and brackets takes no longer than its length", () => {
	const list = Array.from({ length: 100_000 }, () => '"a\\\\":["{","[",{}]').map((member, index) => member.replace("a", String(index)));
	assert.equal(Object.keys(parsed(`{${list.join(",")}}`) as object).length, 100_000);
});

test("whatever JSON there is, is read as JavaScript reads it", () => {
	fc.assert(
		fc.property(fc.json({ maxDepth: 6 }), fc.nat({ max: 4 }), (text, space) => {
			const spaced = JSON.stringify(JSON.parse(text), null, space);
			assert.deepEqual(parsed(spaced), JSON.parse(text));
		}),
		{ numRuns: 500 },
	);
});
