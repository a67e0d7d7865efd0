import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkKey } from "../store/port.ts";
import { anyText } from "../../test/categories/any-text.ts";
import { launchAlone, MAXIMAL_SPEC, newWorld } from "../../test/categories/world.ts";
import { decodeRecord, encodeRecord, parseRecordKey, recordId, type RecordKind, recordKey } from "./records.ts";

const KINDS = Object.keys(recordId) as RecordKind[];

const kinds = fc.constantFrom(...KINDS);
const ids = anyText(60);

test("an id with any characters comes back out of its key, which the store allows", () => {
	fc.assert(
		fc.property(kinds, ids, (kind, id) => {
			const key = recordKey(kind, id);
			checkKey(key);
			assert.deepEqual(parseRecordKey(key), { kind, id });
		}),
		{ numRuns: 2000 },
	);
	for (const id of ["i-1234567890abcdef0", "0=odd key/name", "=41", "Zoë", "a/b", "..", "", "\0", "%2F", "€", "𝄞"]) {
		assert.deepEqual(parseRecordKey(recordKey("key-pair", id)), { kind: "key-pair", id });
	}
});

test("an ordinary id stands in its key as it is", () => {
	assert.equal(recordKey("instance", "i-1234567890abcdef0"), "instance/i-1234567890abcdef0");
	assert.equal(recordKey("role", "my role"), "role/my=20role");
});

test("two records never share a key", () => {
	fc.assert(
		fc.property(kinds, ids, kinds, ids, (kind, id, otherKind, otherId) => {
			assert.equal(recordKey(kind, id) === recordKey(otherKind, otherId), kind === otherKind && id === otherId);
		}),
	);
});

test("a key of another room is none of a record", () => {
	const foreign = [
		"",
		"/",
		"instance",
		"instances/i-1",
		"instanc/i-1",
		"x",
		"rolex",
		"imagex",
		"metrics/instance/i-1",
		"constructor/x",
		"__proto__/x",
	];
	// What is below a kind but was not made by recordKey is foreign, too: its id would be that of another key.
	const unlike = ["instance/i-1/metrics", "role/=61", "role/=4", "role/=4G", "role/=4a", "role/a=b", "role/a+b", "role/=2F"];
	for (const key of [...foreign, ...unlike]) assert.equal(parseRecordKey(key), undefined, key);
	fc.assert(
		fc.property(fc.stringMatching(/^[A-Za-z0-9/_.:=+,@-]*$/), (key) => {
			const parsed = parseRecordKey(key);
			if (parsed !== undefined) assert.equal(recordKey(parsed.kind, parsed.id), key);
		}),
	);
});

test("a record comes back as it was, byte for byte the same when stored again", () => {
	const world = newWorld();
	const record = launchAlone({ ...MAXIMAL_SPEC, tags: [{ key: "Name", value: "héllo \u2028 𝄞" }] });
	const stored = { origin: "configuration", record } as const;
	assert.deepEqual(decodeRecord<"instance">(encodeRecord(stored)), stored);
	assert.deepEqual(encodeRecord(decodeRecord<"instance">(encodeRecord(stored))), encodeRecord(stored));
	// A view of a larger buffer, as stores give it out.
	const bytes = Buffer.concat([Buffer.from("{{"), encodeRecord({ origin: "api", record: world.account }), Buffer.from("}}")]).subarray(
		2,
		-2,
	);
	assert.deepEqual(decodeRecord<"account">(bytes), { origin: "api", record: world.account });
});

test("a record is known by its own id, the account by its being the only one", () => {
	const world = newWorld();
	assert.equal(recordId.account(world.account), "default");
	for (const [id, image] of world.images) assert.equal(recordId.image(image), id);
	for (const [id, profile] of world.instanceProfiles) assert.equal(recordId["instance-profile"](profile), id);
	for (const [id, keyPair] of world.keyPairs) assert.equal(recordId["key-pair"](keyPair), id);
	for (const [id, role] of world.roles) assert.equal(recordId.role(role), id);
	for (const [id, group] of world.securityGroups) assert.equal(recordId["security-group"](group), id);
	for (const [id, subnet] of world.subnets) assert.equal(recordId.subnet(subnet), id);
	for (const [id, vpc] of world.vpcs) assert.equal(recordId.vpc(vpc), id);
	assert.equal(recordId.instance(launchAlone({ instanceId: "i-1" })), "i-1");
});

test("an instance written before there were bindings has none", () => {
	const { endpointBindings: _, ...record } = launchAlone(MAXIMAL_SPEC, newWorld());
	const bytes = Buffer.from(JSON.stringify({ origin: "api", record }));
	assert.deepEqual(decodeRecord<"instance">(bytes).record.endpointBindings, []);
});
