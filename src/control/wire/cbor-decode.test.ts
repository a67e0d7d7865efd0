import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cbor, dateToTag, tagSymbol } from "@smithy/core/cbor";
import fc from "fast-check";
import { decodeCbor } from "./cbor-decode.ts";
import { CborWriter } from "./cbor-writer.ts";
import { WireError } from "./wire-error.ts";

function decoded(hex: string): unknown {
	return decodeCbor(Buffer.from(hex, "hex"));
}

/** RFC 8949, appendix A: what of it can be in a request, and the integers where 53 bits end. */
const VECTORS: readonly (readonly [hex: string, value: unknown])[] = [
	["00", 0],
	["01", 1],
	["0a", 10],
	["17", 23],
	["1818", 24],
	["1819", 25],
	["1864", 100],
	["1903e8", 1000],
	["1a000f4240", 1_000_000],
	["1b000000e8d4a51000", 1_000_000_000_000],
	["1bffffffffffffffff", 18_446_744_073_709_551_615n],
	["3bffffffffffffffff", -18_446_744_073_709_551_616n],
	["20", -1],
	["29", -10],
	["3863", -100],
	["3903e7", -1000],
	["3b001ffffffffffffe", -9_007_199_254_740_991],
	["3b001fffffffffffff", -9_007_199_254_740_992n],
	["f90000", 0],
	["f98000", -0],
	["f93c00", 1],
	["fb3ff199999999999a", 1.1],
	["f93e00", 1.5],
	["f97bff", 65_504],
	["fa47c35000", 100_000],
	["fa7f7fffff", 3.4028234663852886e38],
	["fb7e37e43c8800759c", 1e300],
	["f90001", 5.960464477539063e-8],
	["f90400", 0.00006103515625],
	["f9c400", -4],
	["fbc010666666666666", -4.1],
	["f97c00", Infinity],
	["f97e00", NaN],
	["f9fc00", -Infinity],
	["fa7f800000", Infinity],
	["fa7fc00000", NaN],
	["faff800000", -Infinity],
	["fb7ff0000000000000", Infinity],
	["fb7ff8000000000000", NaN],
	["fbfff0000000000000", -Infinity],
	["f4", false],
	["f5", true],
	["f6", null],
	["f7", undefined],
	["c11a514b67b0", new Date("2013-03-21T20:04:00Z")],
	["c1fb41d452d9ec200000", new Date("2013-03-21T20:04:00.500Z")],
	["40", new Uint8Array()],
	["4401020304", new Uint8Array([1, 2, 3, 4])],
	["60", ""],
	["6161", "a"],
	["6449455446", "IETF"],
	["62225c", '"\\'],
	["62c3bc", "ü"],
	["63e6b0b4", "水"],
	["64f0908591", "\u{10151}"],
	["80", []],
	["83010203", [1, 2, 3]],
	["8301820203820405", [1, [2, 3], [4, 5]]],
	["98190102030405060708090a0b0c0d0e0f101112131415161718181819", Array.from({ length: 25 }, (_, index) => index + 1)],
	["a0", {}],
	["a26161016162820203", { a: 1, b: [2, 3] }],
	["826161a161626163", ["a", { b: "c" }]],
	["a56161614161626142616361436164614461656145", { a: "A", b: "B", c: "C", d: "D", e: "E" }],
	["5f42010243030405ff", new Uint8Array([1, 2, 3, 4, 5])],
	["7f657374726561646d696e67ff", "streaming"],
	["9fff", []],
	["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
	["9f01820203820405ff", [1, [2, 3], [4, 5]]],
	["83018202039f0405ff", [1, [2, 3], [4, 5]]],
	["83019f0203ff820405", [1, [2, 3], [4, 5]]],
	["9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", Array.from({ length: 25 }, (_, index) => index + 1)],
	["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
	["826161bf61626163ff", ["a", { b: "c" }]],
	["bf6346756ef563416d7421ff", { Fun: true, Amt: -2 }],
];

describe("of RFC 8949's examples", () => {
	for (const [hex, value] of VECTORS) {
		test(`${hex} is read`, () => assert.deepEqual(plain(decoded(hex)), value));
	}
});

describe("is refused:", () => {
	for (const [name, hex, told] of [
		["nothing", "", /at byte 0, it ends too early/],
		["half a number", "19ff", /2 bytes are announced, and 1 are left/],
		["a text that is longer than the body", "6361", /3 items or bytes are announced, and 1 bytes are left/],
		["a text of four gigabytes", "7affffffff61", /4294967295 items or bytes are announced/],
		["bytes of more than any memory", "5bffffffffffffffff00", /18446744073709551615 items or bytes are announced/],
		["an array of a billion", "9a3b9aca0000", /1000000000 items or bytes are announced/],
		["a map of a billion", "ba3b9aca0000", /1000000000 items or bytes are announced/],
		["a map with a name and no value", "a16161", /at byte 3, it ends too early/],
		["an array without its end", "9f01", /it ends too early/],
		["a map without its end", "bf616101", /it ends too early/],
		["a text without its end", "7f6161", /it ends too early/],
		["an end of nothing", "ff", /something ends that has not begun/],
		["an end within an array of a known length", "82ff00", /something ends that has not begun/],
		["a map that ends behind a name", "bf6161ff", /something ends that has not begun/],
		["more behind its end", "a000", /at byte 1, there is more after its end/],
		["a text that is not UTF-8", "61ff", /not UTF-8/],
		["a text with half a surrogate pair", "63eda080", /not UTF-8/],
		["a part of a text that is not UTF-8, but for the next part", "7f61c361bcff", /not UTF-8/],
		["a text of parts of parts", "7f7f6161ffff", /something else than a part/],
		["a text with bytes in it", "7f416161ff", /something else than a part/],
		["a name that is a number", "a10102", /the name of a member is not a text/],
		["a name that is an array", "a18001", /the name of a member is not a text/],
		["a name twice", "a2616101616102", /the name of a member comes for the second time/],
		["a name twice, written otherwise", "bf6161017f6161ff02ff", /the name of a member comes for the second time/],
		["a bignum", "c249010000000000000000", /the tag 2 is not allowed/],
		["a date that is a text", "c074323031332d30332d32315432303a30343a30305a", /the tag 0 is not allowed/],
		["a tag of a private kind", "d9d9f700", /the tag 55799 is not allowed/],
		["a time that is a text", "c16161", /a time is not a number of seconds/],
		["a time that is none", "c1f97e00", /a time is not a number of seconds/],
		["a time beyond all years", "c11b0000ffffffffffff", /a time is not a number of seconds/],
		["a time of a time", "c1c100", /a time is not a number of seconds/],
		["a simple value that nobody knows", "f0", /a simple value is not allowed/],
		["a simple value of two bytes", "f8ff", /a simple value is not allowed/],
		["a head that nobody knows", "1c", /a head of the kind 28 is not allowed/],
		["a number of indefinite length", "1f", /a head of the kind 31 is not allowed/],
		["a tag of indefinite length", "df00", /a head of the kind 31 is not allowed/],
	] as const) {
		test(name, () => assert.throws(() => decoded(hex), { name: "WireError", code: "SerializationException", message: told }));
	}
});

describe("a bomb is refused as soon as it is known for one:", () => {
	const MIB = 1_048_576;
	for (const [name, bytes, told] of [
		["arrays in arrays", Buffer.alloc(MIB, 0x81), /more than 64 levels/],
		["arrays in arrays, of indefinite length", Buffer.alloc(MIB, 0x9f), /more than 64 levels/],
		["maps in maps", Buffer.from("a16161".repeat(MIB / 4), "hex"), /more than 64 levels/],
		["tags of tags", Buffer.alloc(MIB, 0xc1), /more than 64 levels/],
		["a million empty arrays", Buffer.concat([Buffer.from("9f", "hex"), Buffer.alloc(MIB, 0x80)]), /more than 400000 values/],
		["a million of nothing", Buffer.concat([Buffer.from("9a00100000", "hex"), Buffer.alloc(MIB, 0xf6)]), /more than 400000 values/],
		["a million empty parts of a text", Buffer.concat([Buffer.from("7f", "hex"), Buffer.alloc(MIB, 0x60)]), /more than 400000 values/],
		["arrays that announce all there is", Buffer.from("9a000f0000".repeat(MIB / 8), "hex"), /announced|more than 64 levels/],
	] as const) {
		test(name, () => {
			const before = process.memoryUsage.rss();
			assert.throws(() => decodeCbor(bytes), { code: "SerializationException", message: told });
			assert.ok(process.memoryUsage.rss() - before < 64 * MIB, "it took more memory than its size explains");
		});
	}
});

test("a name that every object has is a name like others", () => {
	const members = decoded("a2695f5f70726f746f5f5fa1616101656f74686572f5") as Record<string, unknown>;
	assert.equal(Object.getPrototypeOf(members), null);
	assert.deepEqual(Object.keys(members), ["__proto__", "other"]);
	assert.equal(members["a"], undefined);
});

test("what Smithy writes is read as what it was", () => {
	fc.assert(
		fc.property(document(), (value) => assert.deepEqual(plain(decodeCbor(cbor.serialize(forSmithy(value)))), value)),
		{ numRuns: 500 },
	);
});

test("what is written here, Smithy reads as what it was", () => {
	fc.assert(
		fc.property(document(), (value) => {
			const writer = new CborWriter();
			write(writer, value);
			assert.deepEqual(fromSmithy(cbor.deserialize(writer.written)), value);
		}),
		{ numRuns: 500 },
	);
});

describe("what is written is as short as it can be:", () => {
	for (const [number, hex] of [
		[0, "00"],
		[23, "17"],
		[24, "1818"],
		[255, "18ff"],
		[256, "190100"],
		[65_535, "19ffff"],
		[65_536, "1a00010000"],
		[4_294_967_295, "1affffffff"],
		[4_294_967_296, "1b0000000100000000"],
		[Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
		[-1, "20"],
		[-24, "37"],
		[-25, "3818"],
		[Number.MIN_SAFE_INTEGER, "3b001ffffffffffffe"],
	] as const) {
		test(`${number}`, () => {
			const writer = new CborWriter();
			writer.integer(number);
			assert.equal(Buffer.from(writer.written).toString("hex"), hex);
		});
	}
});

test("whatever is written when there is no more room, is written", () => {
	for (const value of [true, 1, 0.5, "a", new Uint8Array([1]), new Date(0), [], {}]) {
		const writer = new CborWriter();
		write(
			writer,
			Array.from({ length: 5000 }, () => value),
		);
		assert.deepEqual(
			plain(decodeCbor(writer.written)),
			Array.from({ length: 5000 }, () => value),
		);
	}
});

test("what is written here is read here", () => {
	fc.assert(
		fc.property(document(), (value) => {
			const writer = new CborWriter();
			write(writer, value);
			assert.deepEqual(plain(decodeCbor(writer.written)), value);
		}),
		{ numRuns: 500 },
	);
});

test("of any bytes at all, either a value or a WireError comes", () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 60 }),
			fc.constantFrom("", "9f", "a16161", "bf6161", "5f", "7f", "82", "c1"),
			(bytes, before) => {
				try {
					decodeCbor(Buffer.concat([Buffer.from(before, "hex"), bytes]));
				} catch (error) {
					assert.ok(error instanceof WireError, String(error));
				}
			},
		),
		{ numRuns: 5000 },
	);
});

/** All that the wire knows: no bigint, no undefined. */
function document(): fc.Arbitrary<unknown> {
	const { tree } = fc.letrec((tie) => ({
		tree: fc.oneof(
			{ maxDepth: 4 },
			fc.string({ unit: "grapheme" }),
			fc.nat({ max: 3000 }).map((length) => "x".repeat(length)),
			fc.boolean(),
			fc.maxSafeInteger(),
			fc.double({ noInteger: true }),
			fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
			fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
			fc.array(tie("tree"), { maxLength: 6 }),
			fc.dictionary(fc.string({ unit: "grapheme" }), tie("tree"), { maxKeys: 6, noNullPrototype: true }),
		),
	}));
	return tree;
}

function write(writer: CborWriter, value: unknown): void {
	if (typeof value === "string") writer.text(value);
	else if (typeof value === "boolean") writer.boolean(value);
	else if (typeof value === "number" && Number.isInteger(value)) writer.integer(value);
	else if (typeof value === "number") writer.double(value);
	else if (value instanceof Date) writer.timestamp(value);
	else if (value instanceof Uint8Array) writer.bytes(value);
	else if (Array.isArray(value)) {
		writer.array(value.length);
		for (const item of value) write(writer, item);
	} else {
		const entries = Object.entries(value as object);
		writer.map(entries.length);
		for (const [key, of] of entries) {
			writer.text(key);
			write(writer, of);
		}
	}
}

/** With prototypes, so that it compares. */
function plain(value: unknown): unknown {
	return mapped(value, () => undefined);
}

/** Smithy's codec knows times by their tag only. */
function forSmithy(value: unknown): unknown {
	return mapped(value, (each) => (each instanceof Date ? dateToTag(each) : undefined));
}

function fromSmithy(value: unknown): unknown {
	return mapped(value, (each) => {
		if (each instanceof Uint8Array) return new Uint8Array(each);
		return each !== null && typeof each === "object" && tagSymbol in each
			? new Date(Math.round(Number((each as unknown as { value: unknown }).value) * 1000)) // As the SDK does: @smithy/core/serde.
			: undefined;
	});
}

/** @param changed what becomes of a value; `undefined` for one that stays. */
function mapped(value: unknown, changed: (value: unknown) => unknown): unknown {
	const other = changed(value);
	if (other !== undefined) return other;
	if (Array.isArray(value)) return value.map((item) => mapped(item, changed));
	if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
	return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, mapped(of, changed)]));
}
