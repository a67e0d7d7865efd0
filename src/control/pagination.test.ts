import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./errors.ts";
import { page, type PageBounds } from "./pagination.ts";

const LETTERS = [..."abcdefghijklm"];
const ANY: PageBounds = { min: 1, max: 1000 };
const itself = (thing: string) => thing;

function refused(code: string) {
	return (error: unknown) => error instanceof ApiError && error.code === code;
}

/** All pages, one after the other. */
function pages(things: readonly string[], size: number): readonly (readonly string[])[] {
	const all: (readonly string[])[] = [];
	let NextToken: string | undefined;
	do {
		const { items, nextToken } = page(things, { MaxResults: size, NextToken }, itself, ANY);
		all.push(items);
		assert.ok(all.length <= things.length + 1, "the pages never end");
		NextToken = nextToken;
	} while (NextToken !== undefined);
	return all;
}

test("without a size everything is on one page", () => {
	assert.deepEqual(page(LETTERS, {}, itself), { items: LETTERS, nextToken: undefined });
	assert.deepEqual(page([], { MaxResults: 5 }, itself), { items: [], nextToken: undefined });
});

test("all pages together are the whole, each thing once, and none is empty", () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (texts, size) => {
			const things = texts.filter((text) => text !== "").toSorted((a, b) => (a < b ? -1 : 1));
			const all = pages(things, size);
			assert.deepEqual(all.flat(), things);
			assert.ok(things.length === 0 || all.every(({ length }) => length > 0 && length <= size));
		}),
	);
});

test("the last page is told to be the last, also where it is full", () => {
	assert.deepEqual(
		pages(LETTERS.slice(0, 10), 5).map(({ length }) => length),
		[5, 5],
	);
});

test("a page begins behind the one before, whatever came and went meanwhile", () => {
	const { nextToken } = page(LETTERS, { MaxResults: 5 }, itself);
	const changed = LETTERS.filter((letter) => letter !== "e" && letter !== "f").concat("z");
	assert.deepEqual(page(["0", ...changed], { MaxResults: 5, NextToken: nextToken }, itself).items, [..."ghijk"]);
});

test("a token may come without a size, and an empty one is none", () => {
	const { nextToken } = page(LETTERS, { MaxResults: 5 }, itself);
	assert.deepEqual(page(LETTERS, { NextToken: nextToken }, itself).items, [..."fghijklm"]);
	assert.deepEqual(page(LETTERS, { NextToken: "" }, itself).items, LETTERS);
});

test("a size out of bounds is refused", () => {
	for (const MaxResults of [4, 1001, 0, -1]) {
		assert.throws(() => page(LETTERS, { MaxResults }, itself), refused("InvalidParameterValue"), String(MaxResults));
	}
	assert.equal(page(LETTERS, { MaxResults: 1 }, itself, ANY).items.length, 1);
});

test("a token that was never given out is refused", () => {
	const { nextToken = "" } = page(LETTERS, { MaxResults: 5 }, itself);
	const foreign = Buffer.from("a:e").toString("base64url");
	for (const NextToken of ["x", "e", `${nextToken}=`, ` ${nextToken}`, `${nextToken}!`, foreign, "é", "{}"]) {
		assert.throws(() => page(LETTERS, { NextToken }, itself), refused("InvalidNextToken"), NextToken);
	}
});
