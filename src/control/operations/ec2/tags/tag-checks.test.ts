import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../../../errors.ts";
import { checkTagCount, checkTags } from "../../../tag-limits.ts";
import { requestedTags, specifiedTags, tagsOfSpecification } from "./tag-checks.ts";

/** The code of what a check throws. */
function refusal(check: () => void): string | undefined {
	try {
		check();
		return undefined;
	} catch (error) {
		assert.ok(error instanceof ApiError);
		return error.code;
	}
}

test("tags pass exactly where every rule of EC2 lets them", () => {
	const key = fc.oneof(
		fc.constantFrom("a", "b", "aws:a", "aws", "AWS:a", "", "k8s.io/role", "🔑"),
		fc.integer({ min: 126, max: 130 }).map((length) => "k".repeat(length)),
		fc.integer({ min: 126, max: 130 }).map((length) => "🔑".repeat(length)),
	);
	const value = fc.oneof(
		fc.constantFrom("", "aws:b", "x"),
		fc.integer({ min: 254, max: 258 }).map((length) => "é".repeat(length)),
	);
	fc.assert(
		fc.property(fc.array(fc.record({ key, value }), { maxLength: 3 }), (tags) => {
			const allowed =
				tags.every((tag) => tag.key !== "" && Array.from(tag.key).length <= 128 && !tag.key.startsWith("aws:")) &&
				tags.every((tag) => Array.from(tag.value).length <= 256) &&
				tags.every((tag, at) => tags.slice(0, at).every((other) => other.key !== tag.key));
			assert.equal(
				refusal(() => checkTags(tags)),
				allowed ? undefined : "InvalidParameterValue",
			);
		}),
		{ numRuns: 2000 },
	);
});

test("a resource has fifty tags at most, and AWS's own don't count", () => {
	const tags = Array.from({ length: 50 }, (_, at) => ({ key: `k${at}`, value: "" }));
	checkTags(tags);
	checkTagCount([...tags, { key: "aws:autoscaling:groupName", value: "" }]);
	assert.equal(
		refusal(() => checkTags([...tags, { key: "one more", value: "" }])),
		"TagLimitExceeded",
	);
});

test("a message quotes no more of a key than helps", () => {
	assert.throws(
		() => checkTags([{ key: "k".repeat(100_000), value: "" }]),
		({ message }: Error) => message.length < 200,
	);
});

test("a value that is left out is an empty one", () => {
	assert.deepEqual(requestedTags([{ Key: "a" }]), [{ key: "a", value: "" }]);
	assert.deepEqual(requestedTags(undefined), []);
});

test("a specification's tags are those of its type, and all of the others are checked too", () => {
	const specifications = [
		{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] },
		{ ResourceType: "volume", Tags: [{ Key: "b", Value: "2" }] },
		{ ResourceType: "instance", Tags: [{ Key: "c", Value: "3" }] },
	];
	const both = [
		{ key: "a", value: "1" },
		{ key: "c", value: "3" },
	];
	assert.deepEqual(specifiedTags(specifications, "instance"), both);
	assert.deepEqual(tagsOfSpecification(specifications, "instance", ["instance", "volume"]), both);
	assert.deepEqual(tagsOfSpecification(undefined, "instance", ["instance"]), []);
	assert.throws(
		() => tagsOfSpecification(specifications, "instance", ["instance"]),
		/^ApiError: 'volume' is not a valid taggable resource type for this operation\.$/,
	);
	const doubled = [...specifications, { ResourceType: "volume", Tags: [{ Key: "b" }] }];
	assert.throws(() => tagsOfSpecification(doubled, "instance", ["instance", "volume"]), /Duplicate tag key 'b' specified\./);
	assert.equal(
		refusal(() => tagsOfSpecification([{ Tags: [] }], "instance", ["instance"])),
		"MissingParameter",
	);
});
