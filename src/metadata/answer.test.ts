import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../test/categories/any-text.ts";
import { answer } from "./answer.ts";

test("a body is one character a byte, text in UTF-8, and its length is counted in bytes", () => {
	fc.assert(
		fc.property(anyText(100), (text) => {
			const { head, body } = answer(text, 0);
			assert.equal(Buffer.from(body, "latin1").toString(), text);
			assert.ok(head.endsWith(`\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`));
		}),
	);
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			const { head, body } = answer(Buffer.from(bytes), 0);
			assert.deepEqual(Buffer.from(body, "latin1"), Buffer.from(bytes));
			assert.ok(head.endsWith(`\r\nContent-Length: ${bytes.length}\r\n`));
		}),
	);
});

test("the head has EC2's lines in EC2's order", () => {
	assert.equal(
		answer("i-1", Date.UTC(2025, 6, 30, 10, 11, 12)).head,
		"Content-Type: text/plain\r\nAccept-Ranges: none\r\nLast-Modified: Wed, 30 Jul 2025 10:11:12 GMT\r\nContent-Length: 3\r\n",
	);
	assert.match(answer("", 0, "application/octet-stream").head, /^Content-Type: application\/octet-stream\r\n/);
});
