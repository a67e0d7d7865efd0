import assert from "node:assert/strict";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalIp, cidrSize, inCidr, nthAddress, parseCidr } from "./network.ts";

const familyOf = (address: string) => (isIPv4(address) ? "ipv4" : "ipv6");

/** A block with zeros after its prefix, found without the code under test. */
const anyCidr = fc
	.oneof(
		fc.tuple(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.integer({ min: 0, max: 32 })).map(([bits, length]) => {
			const base = (bits >> BigInt(32 - length)) << BigInt(32 - length);
			return `${[24n, 16n, 8n, 0n].map((shift) => (base >> shift) & 255n).join(".")}/${length}`;
		}),
		fc.tuple(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.integer({ min: 0, max: 128 })).map(([bits, length]) => {
			const base = (bits >> BigInt(128 - length)) << BigInt(128 - length);
			return `${Array.from({ length: 8 }, (_, i) => ((base >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(":")}/${length}`;
		}),
	)
	.map((cidr) => ({ cidr, size: 1n << BigInt((cidr.includes(":") ? 128 : 32) - Number(cidr.split("/")[1])) }));

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6());

function blockList(cidr: string): BlockList {
	const [address = "", length] = cidr.split("/");
	const list = new BlockList();
	list.addSubnet(address, Number(length), familyOf(address));
	return list;
}

test("a block's addresses are those that node:net finds in it, and as many as it holds", () => {
	fc.assert(
		fc.property(anyCidr, fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), ({ cidr, size }, any) => {
			const list = blockList(cidr);
			assert.equal(cidrSize(cidr), size);
			for (const n of [0n, size - 1n, any % size]) {
				const address = nthAddress(cidr, n);
				assert.ok(list.check(address, familyOf(address)), `${address} is the ${n}-th of ${cidr}`);
				assert.ok(inCidr(address, cidr));
				assert.equal(nthAddress(`${address}/32`, 0n), address);
			}
			const [base = ""] = cidr.split("/");
			assert.equal(nthAddress(cidr, 0n), canonicalIp(base));
			const all = isIPv4(base) ? 1n << 32n : 1n << 128n;
			const after = nthAddress(cidr, size);
			if (size < all && (isIPv4(base) ? isIPv4(after) : isIPv6(after)))
				assert.ok(!list.check(after, familyOf(after)), `${after} is after ${cidr}`);
		}),
		{ numRuns: 1000 },
	);
});

test("different places in a block have different addresses", () => {
	fc.assert(
		fc.property(anyCidr, fc.bigInt({ min: 0n, max: 1n << 64n }), fc.bigInt({ min: 0n, max: 1n << 64n }), ({ cidr, size }, a, b) => {
			assert.equal(nthAddress(cidr, a % size) === nthAddress(cidr, b % size), a % size === b % size);
		}),
	);
});

test("an address lies in a block of its own family where node:net says so, and in none of the other", () => {
	fc.assert(
		fc.property(anyAddress, anyCidr, fc.integer({ min: 0, max: 128 }), (address, { cidr }, length) => {
			const sameFamily = familyOf(address) === (cidr.includes(":") ? "ipv6" : "ipv4");
			assert.equal(inCidr(address, cidr), sameFamily && blockList(cidr).check(address, familyOf(address)));
			const own = `${nthAddress(`${address}/0`, 0n)}/${Math.min(length, isIPv4(address) ? 32 : 128)}`;
			if (parseCidr(own) !== undefined) assert.ok(inCidr(address, own));
		}),
		{ numRuns: 1000 },
	);
	assert.ok(!inCidr("::ffff:10.0.0.5", "10.0.0.0/8"), "an IPv4 address in IPv6 clothes is no IPv4 address");
	assert.ok(!inCidr("10.0.0.5", "::ffff:0:0/96"));
});

test("what is no address or no block holds nothing", () => {
	for (const address of ["", "10.0.0", "10.0.0.256", "10.0.0.1/32", "::g", "localhost", "10.0.0.1 "])
		assert.ok(!inCidr(address, "0.0.0.0/0"), address);
	for (const cidr of [
		"",
		"10.0.0.0",
		"10.0.0.0/33",
		"10.0.0.1/24",
		"::/129",
		"x/8",
		"10.0.0.0/",
		"/8",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"10.0.0.0/1e1",
	]) {
		assert.equal(parseCidr(cidr), undefined, cidr);
		assert.ok(!inCidr("10.0.0.1", cidr), cidr);
		assert.equal(cidrSize(cidr), 0n, cidr);
	}
});

test("a block is taken apart into what it was made of; host bits make it none", () => {
	fc.assert(
		fc.property(anyCidr, ({ cidr, size }) => {
			const [address = "", length] = cidr.split("/");
			assert.deepEqual(parseCidr(cidr), { address, prefixLength: Number(length), family: familyOf(address) });
			if (size > 1n) assert.equal(parseCidr(`${nthAddress(cidr, size - 1n)}/${length}`), undefined);
		}),
	);
});

test("an IPv6 address has one canonical form, and an IPv4 address its own", () => {
	const forms = ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8::0001", "2001:db8:0::0:0.0.0.1"];
	assert.deepEqual([...new Set(forms.map(canonicalIp))], ["2001:db8::1"]);
	assert.equal(canonicalIp("2001:DB8:0:0::/64"), "2001:db8::/64");
	assert.equal(canonicalIp("10.0.0.0/8"), "10.0.0.0/8");
	fc.assert(
		fc.property(anyAddress, (address) => {
			const canonical = canonicalIp(address);
			const list = new BlockList();
			list.addAddress(address, familyOf(address));
			assert.ok(list.check(canonical, familyOf(canonical)), `${address} is ${canonical}`);
			assert.equal(canonicalIp(canonical), canonical);
			assert.equal(canonicalIp(address.toUpperCase()), canonical);
		}),
		{ numRuns: 1000 },
	);
});
