import assert from "node:assert/strict";
import { test } from "node:test";
import { INSTANCE_TYPES, isBurstable, isNitro } from "./instance-types.ts";

test("a type is in the table once, with numbers that a machine can have", () => {
	const names = [...INSTANCE_TYPES.keys()];
	assert.deepEqual(names, names.toSorted());
	for (const [name, type] of INSTANCE_TYPES) {
		assert.match(name, /^[a-z]+\d[a-z]*(-flex)?\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$/);
		assert.equal(name, type.instanceType);
		for (const number of [type.vcpus, type.memoryMib, type.interfacesMax, type.addressesPerInterface]) {
			assert.ok(Number.isInteger(number) && number > 0, `${name}: ${number}`);
		}
	}
});

// AWS: as DescribeInstanceTypes tells them.
test("types have the processors, memory, interfaces and addresses that EC2 tells", () => {
	const facts: readonly (readonly [name: string, vcpus: number, memoryMib: number, interfaces: number, addresses: number])[] = [
		["t2.nano", 1, 512, 2, 2],
		["t2.micro", 1, 1024, 2, 2],
		["t2.large", 2, 8192, 3, 12],
		["t3.micro", 2, 1024, 2, 2],
		["t3.medium", 2, 4096, 3, 6],
		["t4g.2xlarge", 8, 32_768, 4, 15],
		["m1.small", 1, 1740, 2, 4],
		["m3.medium", 1, 3840, 2, 6],
		["m4.large", 2, 8192, 2, 10],
		["m5.large", 2, 8192, 3, 10],
		["m5.24xlarge", 96, 393_216, 15, 50],
		["m6g.medium", 1, 4096, 2, 4],
		["c3.large", 2, 3840, 3, 10],
		["c5.9xlarge", 36, 73_728, 8, 30],
		["c5n.large", 2, 5376, 3, 10],
		["c7g.16xlarge", 64, 131_072, 15, 50],
		["r5.xlarge", 4, 32_768, 4, 15],
		["r6i.32xlarge", 128, 1_048_576, 15, 50],
		["i3.large", 2, 15_616, 3, 10],
		["i3.metal", 72, 524_288, 15, 50],
		["g4dn.xlarge", 4, 16_384, 3, 10],
		["p3.2xlarge", 8, 62_464, 4, 15],
	];
	for (const [name, vcpus, memoryMib, interfacesMax, addressesPerInterface] of facts) {
		const type = INSTANCE_TYPES.get(name);
		assert.deepEqual(
			type && [type.vcpus, type.memoryMib, type.interfacesMax, type.addressesPerInterface],
			[vcpus, memoryMib, interfacesMax, addressesPerInterface],
			name,
		);
	}
});

test("what runs on Nitro, what on Xen, and what nobody knows", () => {
	for (const name of ["t3.micro", "t4g.small", "m5.large", "c7g.large", "i3.metal", "g4dn.xlarge"]) assert.equal(isNitro(name), true, name);
	for (const name of ["t1.micro", "t2.micro", "m1.small", "m4.large", "c3.large", "i3.large", "p3.2xlarge"])
		assert.equal(isNitro(name), false, name);
	assert.equal(isNitro("z9.huge"), undefined);
});

test("the T families burst, and nothing else", () => {
	assert.deepEqual(
		new Set([...INSTANCE_TYPES.keys()].filter((name) => isBurstable(name)).map((name) => name.split(".")[0])),
		new Set(["t2", "t3", "t3a", "t4g"]),
	);
	assert.equal(isBurstable("z9.huge"), undefined);
});
