import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SigningKeys } from "./signing-keys.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SCOPE = { date: "20150830", region: "us-east-1", service: "iam" };

describe("SigningKeys", () => {
	test("AWS's published example of a signing key", () => {
		const key = new SigningKeys(1).keyOf("AKIDEXAMPLE", SECRET, SCOPE);
		assert.equal(key.export().toString("hex"), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
	});

	test("a key that is remembered is the same object, and is of its access key, date, region and service only", () => {
		const keys = new SigningKeys(100);
		const key = keys.keyOf("AKIDEXAMPLE", SECRET, SCOPE);
		assert.equal(keys.keyOf("AKIDEXAMPLE", SECRET, { ...SCOPE }), key);
		const others = [
			keys.keyOf("AKIDEXAMPLE", SECRET, { ...SCOPE, date: "20150831" }),
			keys.keyOf("AKIDEXAMPLE", SECRET, { ...SCOPE, region: "us-east-2" }),
			keys.keyOf("AKIDEXAMPLE", SECRET, { ...SCOPE, service: "ec2" }),
			keys.keyOf("AKIDEXAMPLE", `${SECRET}2`, SCOPE),
		];
		for (const other of others) assert.ok(!other.equals(key));
	});

	test("names that run into each other are told apart", () => {
		const keys = new SigningKeys(100);
		const key = keys.keyOf("A", SECRET, { date: "1", region: "us,e", service: "c2" });
		assert.ok(!keys.keyOf("A", SECRET, { date: "1", region: "us", service: "e,c2" }).equals(key));
	});

	test("a changed secret takes the place of the old one, whose key is gone", () => {
		const keys = new SigningKeys(100);
		const before = keys.keyOf("AKIDEXAMPLE", SECRET, SCOPE);
		const after = keys.keyOf("AKIDEXAMPLE", "another", SCOPE);
		assert.ok(!after.equals(before));
		assert.equal(keys.size, 1);
		assert.equal(keys.keyOf("AKIDEXAMPLE", "another", SCOPE), after);
		assert.ok(keys.keyOf("AKIDEXAMPLE", SECRET, SCOPE).equals(before));
	});

	test("the key used longest ago is forgotten when the table is full", () => {
		const keys = new SigningKeys(2);
		const first = keys.keyOf("A", SECRET, SCOPE);
		const second = keys.keyOf("B", SECRET, SCOPE);
		assert.equal(keys.keyOf("A", SECRET, SCOPE), first);
		keys.keyOf("C", SECRET, SCOPE);
		assert.equal(keys.size, 2);
		assert.equal(keys.keyOf("A", SECRET, SCOPE), first);
		assert.notEqual(keys.keyOf("B", SECRET, SCOPE), second);
		assert.equal(keys.size, 2);
	});
});
