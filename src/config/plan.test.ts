import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Image } from "../model/image.ts";
import type { Instance } from "../model/instance.ts";
import { encodeRecord, parseRecordKey, type RecordKind, recordKey, type RecordTypes, type Stored } from "../model/records.ts";
import type { Subnet } from "../model/network.ts";
import { parseDeclaration } from "./declaration-file.ts";
import { Contradictions, plan, type Write } from "./plan.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const LATER_MS = NOW_MS + 3_600_000;

type Records = ReadonlyMap<string, Stored>;

const EMPTY: Records = new Map();

function planOf(yaml: string, existing: Records = EMPTY, nowMs = NOW_MS): readonly Write[] {
	return plan(parseDeclaration(yaml, "test.yaml"), existing, "configuration", nowMs);
}

function applied(writes: readonly Write[], existing: Records = EMPTY): Records {
	const records = new Map(existing);
	for (const { key, value } of writes) {
		if (value === undefined) records.delete(key);
		else records.set(key, value);
	}
	return records;
}

function all<K extends RecordKind>(kind: K, records: Records): RecordTypes[K][] {
	return [...records].flatMap(([key, { record }]) => (parseRecordKey(key)?.kind === kind ? [record as RecordTypes[K]] : []));
}

function contradictionsOf(yaml: string, existing: Records): readonly [path: string, message: string][] {
	try {
		planOf(yaml, existing);
		return [];
	} catch (error) {
		assert.ok(error instanceof Contradictions, String(error));
		return error.contradictions.map(({ path, message }) => [path.join("."), message]);
	}
}

/** Records as the API might have made them. */
function byApi(yaml: string): Records {
	return new Map([...applied(planOf(yaml))].map(([key, { record }]) => [key, { origin: "api", record }]));
}

describe("a plan", () => {
	test("fills in what was left out, and adds what always exists", () => {
		const records = applied(planOf("instances: [{}]"));
		const [instance] = all("instance", records);
		const [account] = all("account", records);
		assert.deepEqual(account, { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {} });
		assert.equal(all("vpc", records).length, 1);
		assert.equal(all("subnet", records).length, 6);
		assert.deepEqual(
			all("security-group", records).map(({ groupName }) => groupName),
			["default"],
		);
		assert.deepEqual(
			all("image", records).map(({ imdsSupport, rootDeviceName }) => [imdsSupport, rootDeviceName]),
			[
				["v2.0", "/dev/xvda"],
				[undefined, "/dev/xvda"],
			],
		);
		assert.equal(instance?.imageId, all("image", records)[1]?.imageId);
		assert.equal(instance?.metadataOptions.httpTokens, "optional");
		assert.match(instance?.networkInterfaces[0]?.privateIpAddresses[0]?.publicIp ?? "", /^203\.0\.113\./);
		assert.ok([...records.values()].every(({ origin }) => origin === "configuration"));
	});

	test("gives a role a profile of its own name, but none where one is declared", () => {
		const profiles = all(
			"instance-profile",
			applied(
				planOf(
					"roles: [{ roleName: a, path: /x/ }, { roleName: b }]\ninstanceProfiles: [{ instanceProfileName: b, roles: [a] }, { instanceProfileName: c }]",
				),
			),
		);
		assert.deepEqual(
			new Set(profiles.map(({ instanceProfileName, path, roleName }) => [instanceProfileName, path, roleName])),
			new Set([
				["a", "/x/", "a"],
				["b", "/", "a"],
				["c", "/", undefined],
			]),
		);
	});

	test("gives every VPC a default security group, which launches get that name none", () => {
		const yaml = `
vpcs: [{ vpcId: vpc-1, cidrBlocks: [10.0.0.0/16] }, { vpcId: vpc-2, cidrBlocks: [10.0.0.0/16] }]
subnets: [{ subnetId: subnet-1, vpcId: vpc-1, cidrBlock: 10.0.0.0/24 }, { subnetId: subnet-2, vpcId: vpc-2, cidrBlock: 10.0.0.0/24 }]
securityGroups: [{ groupId: sg-1, groupName: a, vpcId: vpc-1 }, { groupId: sg-2, groupName: a, vpcId: vpc-2 }, { groupId: sg-3, groupName: default, vpcId: vpc-2 }]
instances: [{ subnetId: subnet-1, privateIpAddress: 10.0.0.9 }, { subnetId: subnet-2, privateIpAddress: 10.0.0.9 }]
`;
		const records = applied(planOf(yaml));
		assert.equal(all("security-group", records).length, 5);
		const groups = new Map(all("security-group", records).map((group) => [group.groupId, group]));
		const groupsOf = (instance: Instance) =>
			instance.networkInterfaces[0]?.groupIds.map((id) => [groups.get(id)?.groupName, groups.get(id)?.vpcId]);
		assert.deepEqual(all("instance", records).map(groupsOf), [[["default", "vpc-1"]], [["default", "vpc-2"]]]);
	});

	test("takes a declared image in place of a default one", () => {
		const [, plain] = all("image", applied(planOf("instances: []")));
		const records = applied(planOf(`images: [{ imageId: ${plain?.imageId}, architecture: arm64 }]\ninstances: [{}]`));
		assert.deepEqual(
			all("image", records).map(({ architecture }) => architecture),
			["x86_64", "arm64"],
		);
		assert.equal(all("instance", records)[0]?.imageId, plain?.imageId);
	});

	test("writes what is referred to first, and deletes it last", () => {
		const full = planOf(readFileSync("test/fixtures/config/shapes.yaml", "utf8"));
		const kinds = full.map(({ key }) => parseRecordKey(key)?.kind);
		const order: readonly (RecordKind | undefined)[] = [
			"account",
			"vpc",
			"subnet",
			"security-group",
			"snapshot",
			"image",
			"key-pair",
			"policy",
			"role",
			"user",
			"instance-profile",
			"instance",
		];
		assert.deepEqual(
			kinds,
			kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
		);
		const gone = planOf("account: { region: us-west-2 }", applied(full))
			.map(({ key, value }) => ({ kind: parseRecordKey(key)?.kind, value }))
			.filter(({ kind }) => kind !== "account");
		assert.ok(gone.every(({ value }) => value === undefined));
		assert.equal(gone.length, full.length - 11);
		assert.deepEqual(
			gone.map(({ kind }) => kind),
			gone.map(({ kind }) => kind).toSorted((a, b) => order.indexOf(b) - order.indexOf(a)),
		);
	});

	test("writes nothing but what differs, and keeps what nobody changed", () => {
		const before = applied(
			planOf("roles: [{ roleName: r }]\ninstances: [{ tags: { Name: a }, iamInstanceProfile: r }, { tags: { Name: b } }]"),
		);
		const writes = planOf(
			"roles: [{ roleName: r }]\ninstances: [{ tags: { Name: a, x: y }, iamInstanceProfile: r }, { tags: { Name: b } }]",
			before,
			LATER_MS,
		);
		assert.equal(writes.length, 1);
		const changed = writes[0]?.value?.record as Instance;
		const was = before.get(writes[0]?.key ?? "")?.record as Instance;
		assert.deepEqual(changed, { ...was, tags: [...was.tags, { key: "x", value: "y" }], lastModifiedTime: "2026-01-31T13:00:00Z" });
	});

	test("ends session tokens when an instance is stopped or comes back, and not otherwise", () => {
		const running = applied(planOf("instances: [{ instanceId: i-1 }]"));
		const generation = (records: Records) => all("instance", records)[0]?.tokenGeneration ?? 0;
		const tagged = applied(planOf("instances: [{ instanceId: i-1, tags: { a: b } }]", running, LATER_MS), running);
		assert.equal(generation(tagged), generation(running));
		const stopped = applied(planOf("instances: [{ instanceId: i-1, state: stopped }]", running, LATER_MS), running);
		assert.ok(generation(stopped) > generation(running));
		const back = applied(planOf("instances: [{ instanceId: i-1 }]", applied(planOf("instances: []", running)), LATER_MS));
		assert.ok(generation(back) > generation(running));
	});

	test("returns to the defaults where a declaration no longer says anything", () => {
		const before = applied(
			planOf(
				"images: [{ imageId: ami-1 }]\ninstances: [{ instanceId: i-1, imageId: ami-1, publicIpAddress: 54.1.2.3, placement: { availabilityZone: us-east-1c } }]",
			),
		);
		const [instance] = all(
			"instance",
			applied(planOf("account: { region: eu-west-1 }\ninstances: [{ instanceId: i-1 }]", before, LATER_MS), before),
		);
		assert.equal(instance?.imageId, all("image", applied(planOf("instances: []")))[1]?.imageId);
		assert.equal(instance?.placement.availabilityZone, "eu-west-1a");
		assert.match(instance?.networkInterfaces[0]?.privateIpAddresses[0]?.publicIp ?? "", /^203\.0\.113\./);
	});

	test("never gives out unasked what is declared, or what another instance has", () => {
		const [first] = all("instance", applied(planOf("instances: [{ instanceId: i-1 }]")));
		const [address] = first?.networkInterfaces[0]?.privateIpAddresses ?? [];
		// i-1 alone would get just these, and is launched first.
		const yaml = `instances: [{ instanceId: i-1 }, { instanceId: i-2, privateIpAddress: ${address?.privateIpAddress}, publicIpAddress: ${address?.publicIp} }]`;
		const [one, two] = all("instance", applied(planOf(yaml)));
		assert.deepEqual(two?.networkInterfaces[0]?.privateIpAddresses, [address]);
		assert.notEqual(one?.networkInterfaces[0]?.privateIpAddresses[0]?.privateIpAddress, address?.privateIpAddress);
		assert.notEqual(one?.networkInterfaces[0]?.privateIpAddresses[0]?.publicIp, address?.publicIp);
		// Now i-2 has them, though nothing says so any longer.
		const before = applied(planOf(yaml));
		const alone = new Map([...before].filter(([key]) => key !== recordKey("instance", "i-1")));
		const [newcomer, kept] = all(
			"instance",
			applied(planOf("instances: [{ instanceId: i-1 }, { instanceId: i-2 }]", alone), new Map()),
		).toSorted((a, b) => a.instanceId.localeCompare(b.instanceId));
		assert.equal(kept, undefined, "i-2 is as it was");
		assert.notEqual(newcomer?.networkInterfaces[0]?.privateIpAddresses[0]?.privateIpAddress, address?.privateIpAddress);
	});
});

describe("an instance without an id", () => {
	const idsOf = (yaml: string) => all("instance", applied(planOf(yaml))).map(({ instanceId }) => instanceId);

	test("has one that follows from its name, wherever it stands", () => {
		const [a, b] = idsOf("instances: [{ tags: { Name: a } }, { tags: { Name: b } }]");
		assert.deepEqual(
			idsOf("instances: [{ tags: { Name: b } }, {}, { tags: { Name: a } }]").filter((id) => id === a || id === b),
			[b, a],
		);
		assert.notDeepEqual(idsOf("account: { region: eu-west-1 }\ninstances: [{ tags: { Name: a } }, { tags: { Name: b } }]"), [a, b]);
		assert.match(a ?? "", /^i-[0-9a-f]{17}$/);
	});

	test("has one that follows from its position, where another has its name or it has none", () => {
		const ids = idsOf("instances: [{ tags: { Name: a } }, { tags: { Name: a } }, {}, {}]");
		assert.equal(new Set(ids).size, 4);
		assert.deepEqual(idsOf("instances: [{}, {}, {}, {}]"), ids);
		const [named] = idsOf("instances: [{ tags: { Name: a } }]");
		assert.deepEqual(idsOf("instances: [{ tags: { Name: a } }, { instanceId: i-1, tags: { Name: a } }]"), [named, "i-1"]);
	});
});

describe("of what others made, a configuration", () => {
	test("takes the place of what the first start made", () => {
		const first = new Map(
			[...applied(planOf("roles: [{ roleName: demo }]\ninstances: [{ instanceId: i-first, iamInstanceProfile: demo }]"))].map(
				([key, { record }]): [string, Stored] => [key, { origin: "first-start", record }],
			),
		);
		const records = applied(planOf("instances: [{ instanceId: i-1 }]", first), first);
		assert.deepEqual(
			all("instance", records).map(({ instanceId }) => instanceId),
			["i-1"],
		);
		assert.deepEqual(all("role", records), []);
		assert.ok([...records.values()].every(({ origin }) => origin === "configuration"));
	});

	test("touches nothing that the API made", () => {
		const api = byApi("roles: [{ roleName: r }]\ninstances: [{ instanceId: i-api, iamInstanceProfile: r }]");
		const writes = planOf(
			"instances: [{ instanceId: i-1, iamInstanceProfile: r, subnetId: subnet-1 }]\nsubnets: [{ subnetId: subnet-1, cidrBlock: 172.31.128.0/24 }]",
			api,
		);
		assert.deepEqual(
			writes.map(({ key }) => key),
			["subnet/subnet-1", "instance/i-1"],
		);
		const records = applied(writes, api);
		const gone = planOf("instances: []", records);
		assert.deepEqual(gone, [
			{ key: "instance/i-1", value: undefined },
			{ key: "subnet/subnet-1", value: undefined },
		]);
	});

	test("stands in the account that the API made, unless it declares its own", () => {
		const api: Records = new Map([
			[
				"account/default",
				{ origin: "api", record: { accountId: "111122223333", region: "eu-west-1", instanceMetadataDefaults: { httpTokens: "required" } } },
			],
		]);
		const [instance] = all("instance", applied(planOf("instances: [{}]", api)));
		assert.equal(instance?.metadataOptions.httpTokens, "required");
		assert.equal(instance?.placement.availabilityZone, "eu-west-1a");
		assert.deepEqual(contradictionsOf("account: {}", api), [["account", "was made through the API; allowed: what the API has not made"]]);
	});

	test("may declare nothing again, take no address and no listener", () => {
		const api = byApi(
			"roles: [{ roleName: r }]\ninstances: [{ instanceId: i-api, privateIpAddress: 172.31.0.9, endpointListen: '127.0.0.1:1338' }]",
		);
		const yaml =
			"roles: [{ roleName: r }]\ninstances: [{ instanceId: i-api }, { privateIpAddress: 172.31.0.9 }, { tags: { Name: a }, endpointListen: ['127.0.0.1:0', '127.0.0.1:1338'] }]";
		assert.deepEqual(contradictionsOf(yaml, api), [
			["roles.0.roleName", '"r" was made through the API; allowed: what the API has not made'],
			["instances.0.instanceId", '"i-api" was made through the API; allowed: what the API has not made'],
			["instances.1.privateIpAddress", "172.31.0.9 is i-api's already"],
			["instances.2.endpointListen.1", "127.0.0.1:1338 of a is taken by 127.0.0.1:1338 of i-api; allowed: another port, or 0 for any"],
		]);
	});
});

test("the plan of a first start yields to whatever is there", () => {
	const declaration = parseDeclaration("roles: [{ roleName: r }]\ninstances: [{ instanceId: i-1, iamInstanceProfile: r }]", "x");
	const api = byApi("roles: [{ roleName: r, path: /api/ }]");
	const records = applied(plan(declaration, api, "first-start", NOW_MS), api);
	assert.deepEqual(
		all("role", records).map(({ path }) => path),
		["/api/"],
	);
	assert.equal(records.get("instance/i-1")?.origin, "first-start");
	assert.deepEqual(plan(declaration, records, "first-start", LATER_MS), []);
});

test("many contradictions are told at once, and a full subnet does not take for ever", () => {
	const full = "subnets: [{ subnetId: subnet-1, cidrBlock: 172.31.128.0/28 }]\ninstances: [".concat(
		"{ subnetId: subnet-1 },".repeat(500),
		"]",
	);
	const found = contradictionsOf(full, EMPTY);
	assert.equal(found.length, 100);
	assert.ok(found.every(([, message]) => message === "no free address left in 172.31.128.0/28"));
});

test("the largest instance that may be declared fits into a store", () => {
	const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
	const wide = (length: number, n: number) => `${"\u{1f4be}".repeat(length - 2)}${String(n).padStart(2, "0")}`;
	const long = (prefix: string, n: number) => `${prefix}-${String(n).padStart(64, "0")}`;
	const moment = "2026-01-31T12:00:00Z";
	const networkInterfaces = many(64, (n) => ({
		networkInterfaceId: long("eni", n),
		subnetId: long("subnet", 0),
		groups: many(16, (group) => long("sg", group)),
		privateIpAddresses: many(50, (m) => ({ privateIpAddress: `100.100.${n + 100}.${m + 100}`, publicIp: `200.200.${n + 100}.${m + 100}` })),
		ipv6Addresses: many(50, (m) => `2001:db88:1234:1a00:abcd:abcd:${1000 + n}:${1000 + m}`),
		ipv4Prefixes: many(50, (m) => `100.200.${(n * 50 + m) >> 4}.${((n * 50 + m) % 16) * 16}/28`),
		ipv6Prefixes: many(50, (m) => `2001:db88:1234:1a00:${1000 + n * 50 + m}::/80`),
	}));
	const instance = {
		instanceId: long("i", 0),
		networkInterfaces,
		tags: many(50, (n) => ({ key: wide(128, n), value: wide(256, n) })),
		userData: "x".repeat(16_384),
		scheduledEvents: many(20, (n) => ({
			eventId: long("instance-event", n),
			code: "instance-retirement",
			description: wide(512, n),
			notBefore: moment,
		})),
		managedSshKeys: {
			signerCert: `-----BEGIN CERTIFICATE-----\n${"A".repeat(16_000)}\n-----END CERTIFICATE-----\n`,
			signerOcsp: many(10, (n) => ({ fingerprint: String(n).padStart(40, "0"), response: "A".repeat(5_460) })),
			activeKeys: many(4, (n) => ({ user: `user${n}`, key: "\n".repeat(8_000).concat("x"), expiresAt: moment })),
		},
		blockDeviceMappings: many(100, (n) => ({ deviceName: `/dev/${"x".repeat(29)}${n}` })),
		productCodes: many(50, () => "x".repeat(64)),
		endpointListen: many(16, () => "[2001:db88:1234:1a00:abcd:abcd:abcd:abcd]:0"),
	};
	const file = {
		vpcs: [{ vpcId: "vpc-1", cidrBlocks: ["100.0.0.0/8"], ipv6CidrBlocks: ["2001:db88:1234:1a00::/56"] }],
		subnets: [{ subnetId: long("subnet", 0), vpcId: "vpc-1", cidrBlock: "100.0.0.0/8", ipv6CidrBlocks: ["2001:db88:1234:1a00::/64"] }],
		securityGroups: many(16, (n) => ({ groupId: long("sg", n), groupName: `g${n}`, vpcId: "vpc-1" })),
		instances: [instance],
	};
	const [record] = planOf(JSON.stringify(file)).flatMap(({ value }) =>
		value !== undefined && "instanceId" in value.record ? [value] : [],
	);
	const bytes = encodeRecord(record!).byteLength;
	assert.ok(bytes > 700_000 && bytes < 1_000_000, `${bytes} bytes`);
});

test("the declared types are those of the model", () => {
	const declaration = parseDeclaration("images: [{ imageId: ami-1 }]\nsubnets: [{ subnetId: subnet-1, cidrBlock: 10.0.0.0/24 }]", "x");
	const image: Partial<Image> | undefined = declaration.images?.[0];
	const subnet: Partial<Subnet> | undefined = declaration.subnets?.[0];
	assert.deepEqual([image, subnet], [{ imageId: "ami-1" }, { subnetId: "subnet-1", cidrBlock: "10.0.0.0/24" }]);
});
