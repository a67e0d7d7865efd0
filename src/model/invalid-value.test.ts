import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidValue, unknownName } from "./invalid-value.ts";

test("an unknown name is told with those that are known, a few of them where there are many", () => {
	const known = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`ami-${i}`, i]));
	assert.equal(unknownName("image", "ami-x", known(0)), 'no image "ami-x"; none is declared');
	assert.equal(unknownName("image", "ami-x", known(2)), 'no image "ami-x"; known: ami-0, ami-1');
	assert.equal(
		unknownName("image", "ami-x", known(9)),
		'no image "ami-x"; known: ami-0, ami-1, ami-2, ami-3, ami-4, ami-5, ami-6, ami-7, …',
	);
});

test("an invalid value says where it stands", () => {
	const error = new InvalidValue(["networkInterfaces", 0, "subnetId"], "is not allowed");
	assert.deepEqual([error.path, error.message, error.name], [["networkInterfaces", 0, "subnetId"], "is not allowed", "InvalidValue"]);
});
