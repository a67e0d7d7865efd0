import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { canonicalParameters, canonicalPath, decodeBytes } from "./canonical-uri.ts";

describe("canonicalPath", () => {
	// AWS's signature test suite: normalize-path, get-utf8, get-space, get-unreserved; what it signs is what was decoded once.
	const paths = [
		["", "/"],
		["/", "/"],
		["//", "/"],
		["/./", "/"],
		["/example/..", "/"],
		["/example1/example2/../..", "/"],
		["/../example", "/example"],
		["/./example", "/example"],
		["//example//", "/example/"],
		["/example/.", "/example"],
		["/example%20space/", "/example%2520space/"],
		["/%e1%88%b4", "/%25e1%2588%25b4"],
		["/a'(b)*!", "/a%27%28b%29%2A%21"],
		["/-._~0123456789AZaz", "/-._~0123456789AZaz"],
		["/%2e%2e/x", "/%252e%252e/x"],
		["/service/Granite:1/operation", "/service/Granite%3A1/operation"],
		["/x?y=/../z", "/x"],
	] as const;
	for (const [target, path] of paths) {
		test(`${target || "an empty target"} is signed as ${path}`, () => assert.equal(canonicalPath(target), path));
	}

	test("what was normalised once is not normalised further, apart from its percent signs", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^\/[a-z./]*$/), (path) => {
				const once = canonicalPath(path);
				assert.equal(canonicalPath(once), once);
				assert.doesNotMatch(once, /\/\/|\/\.\.?(\/|$)/);
			}),
		);
	});
});

describe("canonicalParameters", () => {
	test("parameters are sorted by name, then by value, as encoded", () => {
		const sorted = canonicalParameters("/?b=1&a=2&a=1&a-b=0&B=3&%61=3");
		assert.deepEqual(sorted, [
			["B", "3"],
			["a", "1"],
			["a", "2"],
			["a", "3"],
			["a-b", "0"],
			["b", "1"],
		]);
	});

	test("a name that another begins with comes first, whatever follows it", () => {
		// As texts with their values, "a-=" would stand before "a=".
		assert.deepEqual(canonicalParameters("/?a-=1&a=1"), [
			["a", "1"],
			["a-", "1"],
		]);
	});

	test("parameters without a value, without a name and without both", () => {
		assert.deepEqual(canonicalParameters("/?b&=v&&a=&c=d=e"), [
			["", "v"],
			["a", ""],
			["b", ""],
			["c", "d%3De"],
		]);
		assert.deepEqual(canonicalParameters("/"), []);
		assert.deepEqual(canonicalParameters("/?"), []);
	});

	test("all spellings of a text are one", () => {
		for (const spelling of ["a b/~", "a+b/~", "a%20b%2f%7e", "%61%20%62%2F~"]) {
			assert.deepEqual(canonicalParameters(`/?x=${spelling}`), [["x", "a%20b%2F~"]], spelling);
		}
	});

	test("a % that two hexadecimal digits don't follow is refused", () => {
		for (const target of ["/?a=%", "/?a=%2", "/?a=%zz", "/?%=a", "/?a=%2&b=%20"])
			assert.equal(canonicalParameters(target), undefined, target);
		assert.deepEqual(canonicalParameters("/%zz?a=1"), [["a", "1"]]);
	});

	test("half a character outside the basic plane, which no wire brings, is no reason to throw", () => {
		assert.deepEqual(canonicalParameters("/?a=\ud800"), [["a", "%EF%BF%BD"]]);
		assert.equal(canonicalPath("/\udc00"), "/%EF%BF%BD");
	});

	test("no two different texts have the same spelling, and each can be read back", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
				const text = Buffer.from(bytes).toString("latin1");
				const sent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
				const [parameter] = canonicalParameters(`/?x=${sent}`)!;
				assert.equal(decodeBytes(parameter![1]), text);
			}),
		);
	});
});
