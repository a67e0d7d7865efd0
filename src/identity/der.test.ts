import assert from "node:assert/strict";
import { test } from "node:test";
import { indefinite, integer, oid, retagged, sequence, setOf, time, tlv } from "./der.ts";

const hex = (encoded: Buffer): string => encoded.toString("hex");

test("lengths take one octet below 128 and as many as needed above", () => {
	assert.equal(hex(tlv(0x04, Buffer.alloc(127)).subarray(0, 2)), "047f");
	assert.equal(hex(tlv(0x04, Buffer.alloc(128)).subarray(0, 3)), "048180");
	assert.equal(hex(tlv(0x04, Buffer.alloc(256)).subarray(0, 4)), "04820100");
	assert.equal(hex(tlv(0x04, Buffer.alloc(65_536)).subarray(0, 5)), "0483010000");
});

test("an indefinite length ends with two zero octets", () => {
	assert.equal(hex(indefinite(0x24, Buffer.from("0401aa", "hex"))), "24800401aa0000");
});

test("integers are minimal and never negative", () => {
	assert.equal(hex(integer(0)), "020100");
	assert.equal(hex(integer(127)), "02017f");
	assert.equal(hex(integer(128)), "02020080");
	assert.equal(hex(integer(Uint8Array.of(0, 0, 0xff, 1))), "020300ff01");
	assert.equal(hex(integer(Uint8Array.of(0, 0))), "020100");
});

test("object identifiers are written in base 128", () => {
	assert.equal(hex(oid("1.2.840.113549.1.7.2")), "06092a864886f70d010702");
	assert.equal(hex(oid("2.16.840.1.101.3.4.2.1")), "0609608648016503040201");
	assert.equal(hex(oid("2.5.4.6")), "0603550406");
});

test("a set is in the order of its encodings", () => {
	assert.equal(hex(setOf(integer(300), integer(2), integer(1))), "310a0201010201020202012c");
});

test("another tag keeps the content", () => {
	assert.equal(hex(retagged(0xa1, sequence(integer(1)))), "a103020101");
});

test("times are UTCTime until 2049 and GeneralizedTime from 2050", () => {
	assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59, 999)).toString("latin1"), "\x17\r491231235959Z");
	assert.equal(time(Date.UTC(2050, 0, 1)).toString("latin1"), "\x18\x0f20500101000000Z");
});
