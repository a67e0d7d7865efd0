import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatAmzDate, readAmzDate, readHttpDate } from "./amz-date.ts";

const seconds = fc.integer({ min: 0, max: Date.parse("9999-12-31T23:59:59Z") / 1000 });

describe("dates", () => {
	test("every second is read back from both of its forms", () => {
		fc.assert(
			fc.property(seconds, (second) => {
				const ms = second * 1000;
				const text = formatAmzDate(ms);
				assert.match(text, /^\d{8}T\d{6}Z$/);
				assert.deepEqual(readAmzDate(text), { text, ms });
				assert.deepEqual(readHttpDate(new Date(ms).toUTCString()), { text, ms });
				assert.deepEqual(readHttpDate(text), { text, ms });
			}),
		);
	});

	test("milliseconds are cut off, not rounded", () => {
		assert.equal(formatAmzDate(Date.parse("2015-08-30T12:36:00.999Z")), "20150830T123600Z");
	});

	test("Python's formatdate, which botocore calls for a Date header, is read", () => {
		assert.deepEqual(readHttpDate("Sun, 30 Aug 2015 12:36:00 -0000"), {
			text: "20150830T123600Z",
			ms: Date.parse("2015-08-30T12:36:00Z"),
		});
	});

	test("days and times that do not exist are no dates", () => {
		for (const text of [
			"20150230T000000Z",
			"20151301T000000Z",
			"20150830T240000Z",
			"20150830T126000Z",
			"20150830T123660Z",
			"00000000T000000Z",
		]) {
			assert.equal(readAmzDate(text), undefined, text);
		}
	});

	test("other spellings of a moment are no dates", () => {
		for (const text of [
			"",
			"2015-08-30T12:36:00Z",
			"20150830T123600",
			"20150830T123600+0000",
			"20150830",
			"1440938160",
			" 20150830T123600Z",
		]) {
			assert.equal(readAmzDate(text), undefined, text);
		}
		for (const text of [
			"",
			"30 Aug 2015",
			"Mon, 30 Aug 2015 12:36:00 GMT",
			"Sun, 30 Aug 2015 12:36:00 +0200",
			"Sun Aug 30 12:36:00 2015",
		]) {
			assert.equal(readHttpDate(text), undefined, text);
		}
	});
});
