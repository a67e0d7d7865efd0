import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../test/categories/any-text.ts";
import { fitsMetadata, unfitTagKey } from "./tag.ts";

test("a key of letters, digits and -_+=,.@: may stand in the metadata", () => {
	for (const key of ["Name", "aws:autoscaling:groupName", "a", "0", "...", "_index2", "-_+=,.@:", "k".repeat(255)]) {
		assert.ok(fitsMetadata(key), key);
	}
});

test("a key with anything else, of a wrong length, or with a reserved name may not", () => {
	const unfit = [
		"",
		"k".repeat(256),
		".",
		"..",
		"_index",
		"k8s.io/cluster-autoscaler/enabled",
		"a b",
		"é",
		"a\n",
		"\n",
		"a%2Fb",
		"a?",
		"ключ",
		"\ud800",
	];
	for (const key of unfit) assert.ok(!fitsMetadata(key), JSON.stringify(key));
});

test("a key fits exactly where it is a path segment that needs no escaping", () => {
	fc.assert(
		fc.property(anyText(8), (key) => {
			const allowed = [...key].every((character) => "-_+=,.@:".includes(character) || /^[0-9A-Za-z]$/.test(character));
			assert.equal(fitsMetadata(key), allowed && key !== "" && key !== "." && key !== "..");
		}),
		{ numRuns: 1000 },
	);
});

test("the refusal is EC2's own sentence, with its two backslashes", () => {
	assert.equal(
		unfitTagKey("k8s.io/cluster-autoscaler/enabled"),
		String.raw`'k8s.io/cluster-autoscaler/enabled' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
	);
});
