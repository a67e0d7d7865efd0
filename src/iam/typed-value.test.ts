import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBlockOf, addressOf, binaryOf, booleanOf, momentOf, numberOf } from "./typed-value.ts";

test("a number is a decimal one", () => {
	for (const [text, number] of Object.entries({ "2": 2, "2.0": 2, "-1.5": -1.5, "+3": 3, ".5": 0.5, "1e3": 1_000 })) {
		assert.equal(numberOf(text), number, text);
	}
	for (const text of ["", " ", "2 ", "0x10", "two", "1,5", "Infinity", "NaN", "--1", "."]) assert.equal(numberOf(text), undefined, text);
});

test("a date is ISO 8601, in UTC unless it says otherwise, or seconds since 1970", () => {
	const dates = {
		"2026": Date.UTC(2026, 0),
		"2026-02": Date.UTC(2026, 1),
		"2026-02-03": Date.UTC(2026, 1, 3),
		"2026-02-03T04:05": Date.UTC(2026, 1, 3, 4, 5),
		"2026-02-03T04:05:06": Date.UTC(2026, 1, 3, 4, 5, 6),
		"2026-02-03T04:05:06Z": Date.UTC(2026, 1, 3, 4, 5, 6),
		"2026-02-03T04:05:06.789Z": Date.UTC(2026, 1, 3, 4, 5, 6, 789),
		"2026-02-03T04:05:06+02:00": Date.UTC(2026, 1, 3, 2, 5, 6),
		"1770091506": Date.UTC(2026, 1, 3, 4, 5, 6),
	};
	for (const [text, momentMs] of Object.entries(dates)) assert.equal(momentOf(text), momentMs, text);
	for (const text of ["", "yesterday", "2026-13-01", "2026-02-03 04:05", "Feb 3 2026", "-5"]) assert.equal(momentOf(text), undefined, text);
});

test("a truth is true or false in any case", () => {
	assert.deepEqual(["true", "True", "FALSE", "1", "", "yes"].map(booleanOf), [true, true, false, undefined, undefined, undefined]);
});

test("base64 is told by its bytes", () => {
	assert.equal(binaryOf("QUI="), "4142");
	assert.equal(binaryOf(""), "");
	for (const text of ["QUI", "QU I=", "Q===", "äöü="]) assert.equal(binaryOf(text), undefined, text);
});

test("an address is one of IPv4 or IPv6, without a prefix", () => {
	assert.deepEqual(["10.0.0.1", "2001:db8::1", "10.0.0.0/8", "10.0.0", "", "::g"].map(addressOf), [
		"10.0.0.1",
		"2001:db8::1",
		undefined,
		undefined,
		undefined,
		undefined,
	]);
});

const BLOCKS: readonly (readonly [block: string, address: string, family: "ipv4" | "ipv6", inside: boolean])[] = [
	["203.0.113.0/24", "203.0.113.255", "ipv4", true],
	["203.0.113.0/24", "203.0.114.0", "ipv4", false],
	["203.0.113.77/24", "203.0.113.1", "ipv4", true],
	["203.0.113.7", "203.0.113.7", "ipv4", true],
	["203.0.113.7", "203.0.113.8", "ipv4", false],
	["0.0.0.0/0", "8.8.8.8", "ipv4", true],
	["0.0.0.0/0", "2001:db8::1", "ipv6", false],
	["2001:DB8::/32", "2001:db8:ffff::1", "ipv6", true],
	["2001:db8::/32", "2001:db9::1", "ipv6", false],
	["2001:db8::1", "2001:0db8:0:0::1", "ipv6", true],
	["2001:db8::1", "2001:db8::2", "ipv6", false],
	["2001:db8::/64", "2001:db8::ffff:1", "ipv6", true],
	["2001:db8::/64", "2001:db8:0:1::", "ipv6", false],
	["::/0", "2001:db8::1", "ipv6", true],
	["10.0.0.0/8", "::ffff:10.1.2.3", "ipv6", true],
];

test("a block has the addresses of its prefix", () => {
	for (const [block, address, family, inside] of BLOCKS) {
		assert.equal(addressBlockOf(block)?.check(address, family), inside, `${address} in ${block}`);
	}
	for (const text of ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "10.*", "10.0.0.0/0x8"]) {
		assert.equal(addressBlockOf(text), undefined, text);
	}
});
