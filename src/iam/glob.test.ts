import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { globMatches, globOf, literalGlob } from "./glob.ts";

const MATCHES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
	["", "", true],
	["", "a", false],
	["*", "", true],
	["*", "anything:at/all", true],
	["?", "", false],
	["?", "a", true],
	["?", "ab", false],
	["a?c", "abc", true],
	["a*c", "ac", true],
	["a*c", "abcabc", true],
	["a*c", "abcab", false],
	["*a*", "bab", true],
	["a*b*c", "a-b-b-c", true],
	["a**b", "ab", true],
	["*ab", "aab", true],
	["a.c", "abc", false],
	["A", "a", false],
	["?", "\u{1f600}", true],
	["a\nb*", "a\nb\nc", true],
];

test("* stands for any characters and ? for one", () => {
	for (const [pattern, text, matches] of MATCHES) assert.equal(globMatches(globOf(pattern), text), matches, `${pattern} ~ ${text}`);
});

test("a literal pattern has no wildcards", () => {
	assert.equal(globMatches(literalGlob("a*"), "ab"), false);
	assert.equal(globMatches(literalGlob("a*?"), "a*?"), true);
});

test("a pattern matches what the regular expression of the same meaning matches", () => {
	const pattern = fc.string({ unit: fc.constantFrom("*", "?", "a", "b"), maxLength: 8 });
	const text = fc.string({ unit: fc.constantFrom("a", "b", "?"), maxLength: 10 });
	fc.assert(
		fc.property(pattern, text, (pattern, text) => {
			const expression = new RegExp(`^${pattern.replaceAll("?", ".").replaceAll("*", ".*")}$`);
			assert.equal(globMatches(globOf(pattern), text), expression.test(text));
		}),
		{ numRuns: 5_000 },
	);
});

test("a hostile pattern takes no more steps than the product of the two lengths", () => {
	// A regular expression of this one would outlive the test run; so would a matcher that goes back to every star.
	const pattern = globOf(`${"*a".repeat(500)}*b`);
	assert.equal(globMatches(pattern, "a".repeat(2_000)), false);
	assert.equal(globMatches(pattern, `${"a".repeat(2_000)}b`), true);
	assert.equal(globMatches(globOf("*?".repeat(500)), "a".repeat(499)), false);
});
