import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { test } from "node:test";
import fc from "fast-check";
import { sealedMessages } from "./sealed-messages.ts";

const MESSAGES = sealedMessages(Buffer.alloc(32, "one"));

test("a message comes back as it was, and is told to nobody on the way", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (message) => {
			assert.equal(MESSAGES.open(MESSAGES.seal(message)), message);
		}),
	);
	const sealed = MESSAGES.seal("a secret that is long enough to be found");
	assert.match(sealed, /^[A-Za-z0-9_-]+$/);
	assert.ok(!Buffer.from(sealed, "base64url").includes("secret"));
	assert.notEqual(MESSAGES.seal("same"), MESSAGES.seal("same"));
});

test("what AWS takes back at most has room for the longest context that there is", () => {
	const context = Array.from({ length: 60 }, (_, index) => ({
		key: `ec2:SomeConditionKey${index}`,
		values: [`arn:aws:ec2:us-east-1:123456789012:x/${index}`],
	}));
	assert.ok(MESSAGES.seal(JSON.stringify({ context })).length < 10_240);
});

test("another secret opens nothing", () => {
	assert.equal(sealedMessages(Buffer.alloc(32, "two")).open(MESSAGES.seal("message")), undefined);
	assert.equal(sealedMessages(Buffer.alloc(32, "one")).open(MESSAGES.seal("message")), "message");
});

test("what was changed, cut, lengthened or written another way opens nothing", () => {
	const sealed = MESSAGES.seal("message");
	const bytes = Buffer.from(sealed, "base64url");
	for (let at = 0; at < bytes.length; at++) {
		const changed = Buffer.from(bytes);
		changed[at] = (changed[at] ?? 0) ^ 1;
		assert.equal(MESSAGES.open(changed.toString("base64url")), undefined, `byte ${at}`);
		assert.equal(MESSAGES.open(bytes.subarray(0, at).toString("base64url")), undefined, `${at} bytes`);
	}
	for (const other of [`${sealed}=`, `${sealed} `, `${sealed}AA`, bytes.toString("base64"), bytes.toString("hex"), "", "!", "é"]) {
		if (other !== sealed) assert.equal(MESSAGES.open(other), undefined, other);
	}
});

test("any text opens nothing, and nothing throws", () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64url")),
			),
			(text) => {
				assert.equal(MESSAGES.open(text), undefined);
			},
		),
	);
});

test("a message that is larger than any of ours is not unpacked", () => {
	const bomb = "a".repeat(2 * 1_048_576);
	assert.ok(deflateRawSync(bomb).length < 4_096);
	assert.equal(MESSAGES.open(MESSAGES.seal(bomb)), undefined);
});
