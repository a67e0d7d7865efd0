import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { parse } from "yaml";
import type { Instance } from "../model/instance.ts";
import type { Stored } from "../model/records.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { planText } from "./declaration-file.ts";
import type { Write } from "./plan.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const LATER_MS = NOW_MS + 3_600_000;
const SHAPES = readFileSync("test/fixtures/config/shapes.yaml", "utf8");

type Records = ReadonlyMap<string, Stored>;

const EMPTY: Records = new Map();

function planOf(declaration: unknown, existing: Records, nowMs: number): readonly Write[] {
	return planText(JSON.stringify(declaration), "x", existing, nowMs);
}

/** Through JSON, as a store would have it. */
function applied(writes: readonly Write[], existing: Records): Records {
	const records = new Map(existing);
	for (const { key, value } of writes) {
		if (value === undefined) records.delete(key);
		else records.set(key, JSON.parse(JSON.stringify(value)) as Stored);
	}
	return records;
}

const enabled = fc.constantFrom("enabled", "disabled");
const text = fc.string({ unit: fc.constantFrom(..."aZ0 .:/-_@é"), minLength: 1, maxLength: 12 });
const maybe = { requiredKeys: [] as never[] };

/** An instance; an `explicit` one gets addresses that are its own among all. */
function anyInstance() {
	return fc.record(
		{
			instanceId: fc.constantFrom("i-1", "i-2", "i-3", "i-4"),
			state: fc.constantFrom("running", "stopped"),
			imageId: fc.constantFrom("ami-1", "ami-2"),
			instanceType: fc.constantFrom("t3.micro", "m5.large"),
			tags: fc.dictionary(text, text, { maxKeys: 3 }),
			metadataOptions: fc.record(
				{
					httpTokens: fc.constantFrom("optional", "required"),
					httpPutResponseHopLimit: fc.integer({ min: 1, max: 64 }),
					httpEndpoint: enabled,
				},
				maybe,
			),
			iamInstanceProfile: fc.constantFrom("role-1", "role-2", { arn: "arn:aws:iam::123456789012:instance-profile/gone" }),
			keyName: fc.constant("key-1"),
			userData: fc.string({ maxLength: 20 }),
			network: fc.oneof(
				fc.constant({}),
				fc.constant({ placement: { availabilityZone: "us-east-1c" } }),
				fc.record({ subnetId: fc.constant("subnet-1"), associatePublicIpAddress: fc.boolean() }),
				fc.constant({ subnetId: "subnet-1", explicit: true }),
				fc.constant({ subnetId: "subnet-6" }),
				fc.constant({
					networkInterfaces: [{}, { subnetId: "subnet-1" }, { subnetId: "subnet-6", deviceIndex: 5 }],
					placement: { availabilityZone: "us-east-1a" },
				}),
			),
			monitoring: enabled,
			amiLaunchIndex: fc.integer({ min: 0, max: 3 }),
			endpointListen: fc.constantFrom("127.0.0.1:0", ["127.0.0.1:0", "[::1]:0"]),
		},
		maybe,
	);
}

function document(effect: string) {
	return { Version: "2012-10-17", Statement: [{ Effect: effect, Action: "ec2:*", Resource: "*" }] };
}

function anyDeclaration() {
	return fc
		.record({
			third: fc.constantFrom(1, 2),
			enableDnsHostnames: fc.boolean(),
			rolePath: fc.constantFrom("/", "/team/"),
			imdsSupport: fc.boolean(),
			effect: fc.constantFrom("Allow", "Deny"),
			keys: fc.subarray(["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"]),
			inOrganization: fc.boolean(),
			defaults: fc.record(
				{ httpTokens: fc.constantFrom("optional", "required"), httpPutResponseHopLimit: fc.integer({ min: 1, max: 64 }) },
				maybe,
			),
			instances: fc.uniqueArray(anyInstance(), {
				maxLength: 6,
				selector: ({ instanceId }) => instanceId ?? (Symbol("none") as unknown as string),
			}),
		})
		.map(({ third, enableDnsHostnames, rolePath, imdsSupport, effect, keys, inOrganization, defaults, instances }) => ({
			account: {
				instanceMetadataDefaults: defaults,
				...(inOrganization ? { organization: { serviceControlPolicies: [{ policyName: "p", policyDocument: document(effect) }] } } : {}),
			},
			policies: [{ policyName: "policy-1", path: rolePath, policyDocument: document(effect) }],
			users: [
				{
					userName: "user-1",
					managedPolicyArns: inOrganization ? [`arn:aws:iam::123456789012:policy${rolePath}policy-1`] : [],
					accessKeys: keys.map((accessKeyId) => ({ accessKeyId, secretAccessKey: "x" })),
				},
			],
			snapshots: [{ snapshotId: "snap-1", volumeSizeGib: third }],
			vpcs: [{ vpcId: "vpc-1", cidrBlocks: ["10.0.0.0/16"], ipv6CidrBlocks: ["2001:db8:0:100::/56"], enableDnsHostnames }],
			subnets: [
				{ subnetId: "subnet-1", vpcId: "vpc-1", cidrBlock: `10.0.${third}.0/27`, mapPublicIpOnLaunch: true },
				{ subnetId: "subnet-6", vpcId: "vpc-1", ipv6CidrBlocks: [`2001:db8:0:10${third}::/64`] },
			],
			images: [{ imageId: "ami-1", ...(imdsSupport ? { imdsSupport: "v2.0" } : {}) }, { imageId: "ami-2" }],
			roles: [
				{ roleName: "role-1", path: rolePath, policies: [{ policyName: "p", policyDocument: JSON.stringify(document(effect)) }] },
				{ roleName: "role-2" },
			],
			keyPairs: [{ keyName: "key-1", publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq" }],
			instances: instances.map(({ network = {}, ...instance }, index) => {
				const { explicit, ...rest } = network as { explicit?: boolean };
				return {
					...instance,
					...rest,
					...(explicit === true ? { privateIpAddress: `10.0.${third}.${20 + index}`, publicIpAddress: `203.0.113.${20 + index}` } : {}),
				};
			}),
		}));
}

test("applying a plan again writes nothing", () => {
	fc.assert(
		fc.property(anyDeclaration(), (declaration) => {
			const records = applied(planOf(declaration, EMPTY, NOW_MS), EMPTY);
			assert.deepEqual(planOf(declaration, records, LATER_MS), []);
		}),
	);
});

test("it makes no difference what was declared before, but for the times and addresses that instances keep", () => {
	fc.assert(
		fc.property(anyDeclaration(), anyDeclaration(), (first, second) => {
			const before = applied(planOf(first, EMPTY, NOW_MS), EMPTY);
			const after = applied(planOf(second, before, LATER_MS), before);
			const fresh = applied(planOf(second, EMPTY, NOW_MS), EMPTY);
			assert.deepEqual(new Map([...after].map(forgetful)), new Map([...fresh].map(forgetful)));
			assert.deepEqual(planOf(second, after, LATER_MS), []);
		}),
	);
});

test("a file that did not change changes nothing that the APIs did", () => {
	fc.assert(
		fc.property(anyDeclaration(), anyChanges, (declaration, changes) => {
			const changed = changedByApi(applied(planOf(declaration, EMPTY, NOW_MS), EMPTY), changes);
			assert.deepEqual(planOf(declaration, changed, LATER_MS), []);
		}),
	);
});

test("a field that is declared anew is as declared, any other as the APIs left it", () => {
	const seen = { kept: 0, declared: 0, deleted: 0, ended: 0 };
	fc.assert(
		fc.property(anyDeclaration(), anyDeclaration(), anyChanges, (first, second, changes) => {
			const before = applied(planOf(first, EMPTY, NOW_MS), EMPTY);
			const changed = changedByApi(before, changes);
			const unchanged = applied(planOf(second, before, LATER_MS), before);
			// An address of an instance that is shutting down is nobody else's yet: to declare it anew is refused.
			const held = JSON.stringify([...changed.values()].filter(({ record }) => fieldsOf(record)?.["state"] === "shutting-down"));
			const wanted = second.instances.flatMap((one: { privateIpAddress?: string }) => one.privateIpAddress ?? []);
			fc.pre(!wanted.some((address) => held.includes(`"${address}"`)));
			const after = applied(planOf(second, changed, LATER_MS), changed);
			assert.deepEqual(new Set(after.keys()), new Set(unchanged.keys()));
			seen.deleted += before.size - new Set([...before.keys()].filter((key) => after.has(key))).size;
			for (const [key, stored] of after) {
				const [was, now, theirs] = [before, unchanged, changed].map((records) => fieldsOf(records.get(key)?.record));
				if (was === undefined || now === undefined || theirs === undefined) continue;
				const ended: boolean = theirs["state"] === "terminated" || theirs["state"] === "shutting-down";
				seen.ended += Number(ended);
				for (const name of Object.keys({ ...was, ...now, ...theirs })) {
					if (GO_ALONG.has(name)) continue;
					const declared: boolean = !ended && !isDeepStrictEqual(was[name], now[name]);
					seen[declared ? "declared" : "kept"] += Number(!isDeepStrictEqual(now[name], theirs[name]));
					const expected: unknown = (declared ? now : theirs)[name];
					assert.deepEqual(withoutAddresses(fieldsOf(stored.record)?.[name]), withoutAddresses(expected), `${name} of ${key}`);
				}
			}
			assert.deepEqual(planOf(second, after, LATER_MS + 1_000), []);
		}),
	);
	for (const [what, times] of Object.entries(seen)) assert.ok(times > 5, `${what}: ${times}`);
});

test("no two instances have one address, and whatever is written refers to what is there", () => {
	fc.assert(
		fc.property(anyDeclaration(), anyDeclaration(), (first, second) => {
			let records = applied(planOf(first, EMPTY, NOW_MS), EMPTY);
			for (const write of planOf(second, records, LATER_MS)) {
				records = applied([write], records);
				if (write.value === undefined || !write.key.startsWith("instance/")) continue;
				const { imageId, networkInterfaces, keyNames } = write.value.record as Instance;
				const references = [
					`image/${imageId}`,
					...keyNames.map((name) => `key-pair/${name}`),
					...networkInterfaces.flatMap(({ subnetId, groupIds }) => [`subnet/${subnetId}`, ...groupIds.map((id) => `security-group/${id}`)]),
				];
				for (const key of references) assert.ok(records.has(key), `${write.key} refers to ${key}`);
			}
			const instances = [...records].flatMap(([key, { record }]) => (key.startsWith("instance/") ? [record as Instance] : []));
			const addresses = instances.flatMap(({ networkInterfaces }) =>
				networkInterfaces.flatMap(({ privateIpAddresses, ipv6Addresses }) => [
					...privateIpAddresses.flatMap(({ privateIpAddress, publicIp }) => [
						privateIpAddress,
						...(publicIp === undefined ? [] : [publicIp]),
					]),
					...ipv6Addresses,
				]),
			);
			assert.equal(new Set(addresses).size, addresses.length);
		}),
	);
});

test("no control character, line separator or half surrogate gets into a record, but for what has lines", () => {
	const shapes = parse(SHAPES) as unknown;
	const places = leavesOf(shapes);
	const intruder = fc.constantFrom("\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\ud800", "\udc00");
	fc.assert(
		fc.property(fc.constantFrom(...places), intruder, fc.nat(), (place, intruding, at) => {
			const put = (text: string) => text.slice(0, at % (text.length + 1)) + intruding + text.slice(at % (text.length + 1));
			try {
				for (const { value } of planOf(changed(shapes, place, put), EMPTY, NOW_MS)) {
					JSON.stringify(value?.record, (key, part: unknown) => {
						if (key === "managedSshKeys") assert.doesNotMatch(JSON.stringify(part), /\\(u|[bfrt])/);
						// JSON may have lines, too.
						if (["managedSshKeys", "userData", "policyDocument"].includes(key)) return undefined;
						if (typeof part === "string") assert.match(part, /^[^\p{Cc}\u2028\u2029\ud800-\udfff]*$/u, `${place.join(".")}: ${key}`);
						return part;
					});
				}
			} catch (error) {
				if (!(error instanceof ConfigurationError)) throw error;
			}
		}),
		{ numRuns: 500 },
	);
});

test("whatever a file holds, it is read or refused", () => {
	const piece = fc.oneof(
		fc.string({ unit: "binary", maxLength: 8 }),
		fc.constantFrom("- ", ": ", "\n", "  ", "{", "}", "[", "]", "&a ", "*a", "!t ", "|", ">", '"', "'", "#", "?", "---\n", "null", "1e999"),
	);
	const damaged = fc
		.array(fc.record({ at: fc.nat(SHAPES.length), cut: fc.nat(40), piece }), { minLength: 1, maxLength: 4 })
		.map((damages) => damages.reduce((text, { at, cut, piece }) => text.slice(0, at) + piece + text.slice(at + cut), SHAPES));
	fc.assert(
		fc.property(
			fc.oneof(
				damaged,
				fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
			),
			(content) => {
				try {
					planText(content, "x", EMPTY, NOW_MS);
				} catch (error) {
					assert.ok(error instanceof ConfigurationError, String((error as Error).stack));
					for (const { line, message } of error.problems) assert.ok(message !== "" && (line === undefined || line > 0));
					assert.doesNotMatch(error.message, /[^\P{Cc}\n]/u);
				}
			},
		),
		{ numRuns: 300 },
	);
});

/** Fields that others take along; kept-changes.test.ts looks at them. */
const GO_ALONG = new Set(["lastModifiedTime", "tokenGeneration", "stateTransition", "metadataOptionsPending", "defaultVersionId"]);

const API_OPTIONS = {
	httpEndpoint: "enabled",
	httpTokens: "required",
	httpPutResponseHopLimit: 64,
	httpProtocolIpv6: "enabled",
	instanceMetadataTags: "disabled",
};
const STOPPED_BY_API = { stateTransition: { time: "2026-01-31T12:30:00Z", code: "Client.UserInitiatedShutdown", message: "x" } };
const TAGGED_BY_API = { tags: [{ key: "by", value: "api" }] };

const NEW_VERSION = { versions: [{ versionId: "v2", policyDocument: "{}", createDate: "2026-01-31T12:30:00Z" }], defaultVersionId: "v2" };

/** What the APIs may make of a record, by its kind. */
const API_CHANGES: Readonly<Record<string, readonly object[]>> = {
	instance: [
		TAGGED_BY_API,
		{ metadataOptions: API_OPTIONS, metadataOptionsPending: true },
		{ metadataOptions: API_OPTIONS, appliedMetadataOptions: API_OPTIONS },
		{ state: "stopped", tokenGeneration: LATER_MS + 5, ...STOPPED_BY_API },
		{ state: "running", launchTime: "2026-01-31T12:45:00Z", tokenGeneration: NOW_MS + 7 },
		{ iamInstanceProfile: undefined },
		{ disableApiTermination: true, instanceType: "c5.large" },
		{ state: "shutting-down", ...STOPPED_BY_API },
		{ state: "terminated", networkInterfaces: [], endpointListen: [], endpointBindings: [], ...STOPPED_BY_API },
	],
	account: [{ instanceMetadataDefaults: { httpTokens: "required", httpTokensEnforced: "enabled" } }],
	image: [{ imdsSupport: "v2.0" }, TAGGED_BY_API],
	policy: [TAGGED_BY_API, NEW_VERSION],
	role: [{ path: "/api/" }, { inlinePolicies: [] }],
	snapshot: [TAGGED_BY_API],
	subnet: [{ mapPublicIpOnLaunch: true }],
	user: [{ accessKeys: [] }, { attachedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }, TAGGED_BY_API],
	vpc: [TAGGED_BY_API, { enableDnsHostnames: false }],
};

const anyChanges = fc.array(fc.record({ at: fc.nat(), what: fc.nat() }), { minLength: 4, maxLength: 16 });

/** As control/inventory.ts writes them. */
function changedByApi(records: Records, changes: readonly { at: number; what: number }[]): Records {
	const changed = new Map(records);
	for (const { at, what } of changes) {
		const keys = [...changed.keys()].flatMap((key) => Array.from({ length: key.startsWith("instance/") ? 20 : 1 }, () => key));
		const key = keys[at % keys.length] ?? "";
		const { origin, record, declared = record }: Stored = changed.get(key)!;
		const possible = API_CHANGES[key.split("/")[0] ?? ""] ?? [{}];
		const after = { ...record, ...possible[what % possible.length] };
		changed.set(key, JSON.parse(JSON.stringify({ origin, record: after, declared })) as Stored);
	}
	return changed;
}

function fieldsOf(record: object | undefined): Readonly<Record<string, unknown>> | undefined {
	return record as Readonly<Record<string, unknown>> | undefined;
}

type Place = readonly (string | number)[];

/** The places of all texts in a value. */
function leavesOf(value: unknown, path: Place = []): Place[] {
	if (typeof value === "string") return [path];
	return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key])) : [];
}

function changed(value: unknown, [part, ...rest]: Place, change: (text: string) => string): unknown {
	if (part === undefined) return change(String(value));
	if (Array.isArray(value)) return value.map((each: unknown, index) => (String(index) === part ? changed(each, rest, change) : each));
	return { ...(value as object), [part]: changed((value as Record<string, unknown>)[part], rest, change) };
}

/** Which addresses are free depends on which instances are over. */
function withoutAddresses(value: unknown): unknown {
	const addresses = new Set(["privateIpAddress", "publicIp", "ipv6Addresses"]);
	return value === undefined
		? undefined
		: JSON.parse(JSON.stringify(value, (name, part: unknown) => (addresses.has(name) ? "some" : part)));
}

/** A record without what instances keep. */
function forgetful([key, stored]: [string, Stored]): [string, unknown] {
	const kept = new Set([
		"tokenGeneration",
		"launchTime",
		"createDate",
		"updateDate",
		"startTime",
		"lastModifiedTime",
		"associatedAt",
		"privateIpAddress",
		"publicIp",
		"ipv6Addresses",
	]);
	return [key, JSON.parse(JSON.stringify(stored, (name, part: unknown) => (kept.has(name) ? "kept" : part)))];
}
