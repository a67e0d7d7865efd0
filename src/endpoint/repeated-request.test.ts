import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RepeatedRequest } from "./repeated-request.ts";
import { readRequest, Request } from "./request.ts";

const MEMORY = Buffer.alloc(2048);
const WORDS = new Int32Array(MEMORY.buffer, MEMORY.byteOffset, MEMORY.length / 4);

function recall(repeated: RepeatedRequest, message: string): Request | undefined {
	const length = MEMORY.write(message, "latin1");
	// What is left of an earlier, longer message must not count.
	MEMORY.fill(0xff, length, length + 8);
	return repeated.recall(MEMORY, WORDS, length);
}

function messageOf(path: string, pad: string): string {
	return `GET /${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\nX-Pad: ${pad}\r\nX-aws-ec2-metadata-token: t\r\n\r\n`;
}

test("a request that comes again is what it was read as before, each time", () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[a-z/-]{0,40}$/), fc.stringMatching(/^a{0,9}$/), (path, pad) => {
			const repeated = new RepeatedRequest();
			const message = messageOf(path, pad);
			repeated.note(Buffer.from(message, "latin1"), message.length);
			const expected = new Request();
			readRequest(Buffer.from(message, "latin1"), message.length, expected);
			for (let time = 0; time < 3; time++) assert.deepEqual(recall(repeated, message), expected);
		}),
	);
});

test("a request that differs in a byte, or in length, is another", () => {
	const message = messageOf("latest/meta-data/instance-id", "aa");
	for (let at = 0; at < message.length; at++) {
		const repeated = new RepeatedRequest();
		repeated.note(Buffer.from(message, "latin1"), message.length);
		assert.equal(recall(repeated, `${message.slice(0, at)}~${message.slice(at + 1)}`), undefined, `byte ${at}`);
		assert.equal(recall(repeated, message.slice(0, at)), undefined, `cut at ${at}`);
	}
});

test("only the last request is remembered, and none that is long", () => {
	const repeated = new RepeatedRequest();
	const [first, second, long] = [messageOf("a", ""), messageOf("b", ""), messageOf("a".repeat(600), "")];
	assert.equal(recall(repeated, first), undefined);
	repeated.note(Buffer.from(first, "latin1"), first.length);
	repeated.note(Buffer.from(second, "latin1"), second.length);
	assert.equal(recall(repeated, first), undefined);
	assert.equal(recall(repeated, second)?.path, "/b");
	repeated.note(Buffer.from(long, "latin1"), long.length);
	assert.equal(recall(repeated, long), undefined);
	assert.equal(recall(repeated, second), undefined);
});
