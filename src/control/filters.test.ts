import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./errors.ts";
import { type Filter, type FilterTable, matcher } from "./filters.ts";

interface Thing {
	readonly name: string;
	readonly size?: number;
	readonly live?: boolean;
	readonly parts?: readonly string[];
	readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

const TABLE: FilterTable<Thing> = {
	name: ({ name }) => name,
	size: ({ size }) => size,
	live: ({ live }) => live,
	parts: ({ parts }) => parts,
};

const filter = (Name: string, ...Values: string[]): Filter => ({ Name, Values });
const matches = (thing: Thing, ...filters: readonly Filter[]) => matcher(filters, TABLE)(thing);
const valueMatches = (pattern: string, name: string) => matches({ name }, filter("name", pattern));

function refused(code: string, message: RegExp) {
	return (error: unknown) => error instanceof ApiError && error.code === code && message.test(error.message);
}

test("without filters everything matches", () => {
	assert.ok(matches({ name: "a" }));
	assert.ok(matcher(undefined, TABLE)({ name: "a" }));
});

test("every filter must match, by one value of its own", () => {
	const thing = { name: "a", size: 3 };
	assert.ok(matches(thing, filter("name", "b", "a"), filter("size", "3")));
	assert.ok(!matches(thing, filter("name", "a"), filter("size", "4")));
	assert.ok(!matches(thing, filter("name", "a"), filter("name", "b")));
	assert.ok(!matches(thing, filter("name")));
});

test("numbers and booleans are compared as they are written, and what is not there matches nothing", () => {
	assert.ok(matches({ name: "a", live: false }, filter("live", "false")));
	assert.ok(!matches({ name: "a", size: 16 }, filter("size", "016")));
	assert.ok(!matches({ name: "a" }, filter("size", "*")));
	assert.ok(!matches({ name: "a" }, filter("size", "undefined")));
});

test("of several values that a thing has, one is enough", () => {
	assert.ok(matches({ name: "a", parts: ["x", "y"] }, filter("parts", "y")));
	assert.ok(!matches({ name: "a", parts: [] }, filter("parts", "*")));
});

test("* and ? are wildcards, a backslash takes that from them, and capitals count", () => {
	for (const [pattern, name, expected] of [
		["a*", "abc", true],
		["*c", "abc", true],
		["a?c", "abc", true],
		["a?c", "ac", false],
		["A*", "abc", false],
		["a\\*", "a*", true],
		["a\\*", "ab", false],
		["a\\?c", "a?c", true],
		["a\\\\b", "a\\b", true],
		["a\\", "a\\", true],
		["a.c", "abc", false],
		["(a|b)+", "a", false],
		["?", "\u{1f600}", true],
		["\\\u{1f600}", "\u{1f600}", true],
		["*", "two\nlines", true],
		["", "", true],
		["*", "", true],
	] as const) {
		assert.equal(valueMatches(pattern, name), expected, `${pattern} ~ ${name}`);
	}
});

test("every text matches itself once its wildcards are escaped", () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom("a", "*", "?", "\\", "\u{1f600}") }), (text) => {
			assert.ok(valueMatches(text.replaceAll(/[\\*?]/g, "\\$&"), text));
		}),
	);
});

test("a pattern of many stars is answered, too", () => {
	// A regular expression of these would outlive the test run, and with it everybody who is to be served.
	assert.ok(!valueMatches(`${"*a".repeat(60)}*b`, "a".repeat(256)));
	assert.ok(valueMatches(`${"*a".repeat(60)}*`, "a".repeat(256)));
	assert.ok(!valueMatches("*".repeat(500_000).concat("b"), "a".repeat(256)));
});

test("tags are matched by key and value, by key, and by value", () => {
	const thing = {
		name: "a",
		tags: [
			{ key: "Name", value: "web" },
			{ key: "stage:x", value: "" },
		],
	};
	assert.ok(matches(thing, filter("tag:Name", "w*")));
	assert.ok(!matches(thing, filter("tag:name", "web")));
	assert.ok(matches(thing, filter("tag:stage:x", "")));
	assert.ok(!matches(thing, filter("tag:Na*", "web")));
	assert.ok(matches(thing, filter("tag-key", "Na?e")));
	assert.ok(matches(thing, filter("tag-value", "web")));
	assert.ok(!matches({ name: "b" }, filter("tag-key", "*")));
	const elsewhere = matcher([filter("tag:a", "b")], TABLE, () => [{ key: "a", value: "b" }]);
	assert.ok(elsewhere({ name: "b" }));
});

test("a filter that the table does not have is refused by its name, as is one without", () => {
	for (const name of ["colour", "", "tag", "Name", "__proto__", "constructor", "toString"]) {
		assert.throws(() => matches({ name: "a" }, filter(name, "x")), refused("InvalidParameterValue", new RegExp(`'${name}'`)));
	}
	assert.throws(() => matches({ name: "a" }, filter("name", "a"), { Values: ["x"] }), refused("MissingParameter", /Filter\.2\.Name/));
});

test("200 values are taken, all filters together, and not one more", () => {
	const values = (count: number) => Array.from({ length: count }, (_, index) => String(index));
	assert.ok(matches({ name: "7", size: 7 }, filter("name", ...values(100)), filter("size", ...values(100))));
	const many = () => matches({ name: "7" }, filter("name", ...values(101)), filter("size", ...values(100)));
	assert.throws(many, refused("InvalidParameterValue", /200/));
});
