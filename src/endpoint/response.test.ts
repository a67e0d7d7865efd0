import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../metadata/answer.ts";
import { ResponseWriter, UNAUTHORIZED } from "./response.ts";

test("every response has a date, also the first, and also by a clock that stands at nothing or goes back", () => {
	const writer = new ResponseWriter();
	const found = answer("x", 0);
	for (const nowMs of [0, 999, 1000, 86_400_000, 1000, 0]) {
		const line = `\r\nDate: ${new Date(nowMs).toUTCString()}\r\nServer: EC2ws\r\n`;
		for (const response of [
			writer.fixed(UNAUTHORIZED, false, nowMs),
			writer.found(found, 1, true, nowMs),
			writer.foundHead(found, 0, false, nowMs),
			writer.token("y", 1, false, nowMs),
		]) {
			assert.ok(response.includes(line), response);
		}
	}
});

test("a response that is sent again is the same string, so that no one makes it twice", () => {
	const writer = new ResponseWriter();
	const found = answer("x", 0);
	const first = writer.found(found, 60, true, 5000);
	assert.equal(writer.found(found, 60, true, 5999), first);
	assert.equal(found.sent?.response, first);
	const others = [
		[59, true, 5999],
		[59, false, 5999],
		[59, false, 6000],
	] as const;
	for (const [ttlSeconds, keepAlive, nowMs] of others) {
		const before = found.sent?.response;
		assert.notEqual(writer.found(found, ttlSeconds, keepAlive, nowMs), before);
		assert.notEqual(found.sent?.response, before);
	}
});
