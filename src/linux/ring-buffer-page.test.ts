import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPage } from "./ring-buffer-page.ts";

/** What a page says, with its events as text. */
function read(page: Buffer): { readonly events: readonly (readonly [text: string, atMs: number])[]; readonly hasLost: boolean } {
	const events: [string, number][] = [];
	const { hasLost } = readPage(page, (event, atMs) => events.push([event.toString("latin1"), atMs]));
	return { events, hasLost };
}

/** A page of words that began a millisecond after the clock did, with whatever the kernel left behind it. */
function page(words: readonly number[], { flags = 0 } = {}): Buffer {
	const bytes = Buffer.alloc(4096, 0xff);
	bytes.writeBigUInt64LE(1_000_000n, 0);
	bytes.writeUInt32LE((flags | (words.length * 4)) >>> 0, 8);
	for (const [index, each] of words.entries()) bytes.writeUInt32LE(each >>> 0, 16 + index * 4);
	return bytes;
}

const word = (type: number, nanoseconds: number) => nanoseconds * 32 + type;
const ABCD = Buffer.from("abcd").readUInt32LE();
const EFGH = Buffer.from("efgh").readUInt32LE();

const PAGES: readonly (readonly [what: string, words: readonly number[], events: readonly (readonly [string, number])[]])[] = [
	["nothing", [], []],
	[
		"events one after another, each later by its time",
		[word(1, 0), ABCD, word(2, 500_000), EFGH, ABCD],
		[
			["abcd", 1],
			["efghabcd", 1.5],
		],
	],
	["an event that is long", [word(0, 0), 12, ABCD, EFGH], [["abcdefgh", 1]]],
	["a long time before an event", [word(30, 0), 1, word(1, 0), ABCD], [["abcd", 1 + 2 ** 27 / 1e6]]],
	["a time of its own", [word(31, 5_000_000), 0, word(1, 0), ABCD], [["abcd", 5]]],
	["an event that was taken back", [word(29, 1), 8, 0, word(1, 0), ABCD], [["abcd", 1]]],
	["the rest left free", [word(1, 0), ABCD, word(29, 0), 0, word(1, 0), EFGH], [["abcd", 1]]],
	["an event that goes on beyond the end", [word(1, 0), ABCD, word(20, 0), EFGH], [["abcd", 1]]],
	["a first word without its second", [word(1, 0), ABCD, word(0, 0)], [["abcd", 1]]],
];

for (const [what, words, events] of PAGES) {
	test(`a page holds ${what}`, () => {
		assert.deepEqual(read(page(words)), { events, hasLost: false });
	});
}

test("a page tells that events before it are lost", () => {
	assert.equal(read(page([word(1, 0), ABCD], { flags: 0x8000_0000 })).hasLost, true);
});

test("whatever a page holds, what is read of it is in it", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 400 }), (bytes, length) => {
			const any = Buffer.from(bytes);
			if (any.length >= 16) any.writeUInt32LE(length, 8);
			let total = 0;
			readPage(any, (event) => (total += event.length));
			assert.ok(total <= Math.max(0, any.length - 16));
		}),
	);
});
