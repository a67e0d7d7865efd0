import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../model/instance.ts";
import type { Origin, RecordKind, RecordTypes, Stored } from "../model/records.ts";
import { plan } from "./plan.ts";
import { parseDeclaration } from "./declaration-file.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const LATER_MS = NOW_MS + 3_600_000;

type Records = ReadonlyMap<string, Stored>;

/** The store after a file was applied to it. */
function reloaded(
	yaml: string,
	existing: Records = new Map(),
	origin: Exclude<Origin, "api"> = "configuration",
	nowMs = LATER_MS,
): Records {
	const records = new Map(existing);
	for (const { key, value } of plan(parseDeclaration(yaml, "x"), existing, origin, nowMs)) {
		if (value === undefined) records.delete(key);
		else records.set(key, JSON.parse(JSON.stringify(value)) as Stored);
	}
	return records;
}

/** The store after an API call, as control/inventory.ts makes it. */
function changed<K extends RecordKind>(records: Records, key: `${K}/${string}`, change: Partial<RecordTypes[K]>): Records {
	const { origin, record, declared = record } = records.get(key)!;
	return new Map([...records, [key, { origin, declared, record: { ...record, ...change } as RecordTypes[K] }]]);
}

function instanceOf(records: Records, id = "i-1"): Instance {
	return records.get(`instance/${id}`)?.record as Instance;
}

const I1 = "instances: [{ instanceId: i-1 }]";

test("what the APIs changed stays over a reload, and so does what was declared before", () => {
	const api = changed(reloaded(I1), "instance/i-1", { tags: [{ key: "a", value: "api" }] });
	const after = reloaded("instances: [{ instanceId: i-1, instanceType: m5.large }]", api);
	assert.deepEqual(instanceOf(after).tags, [{ key: "a", value: "api" }]);
	assert.equal(instanceOf(after).instanceType, "m5.large");
	assert.deepEqual((after.get("instance/i-1")!.declared as Instance).tags, []);
	// Said at last, it is the file's again.
	const said = reloaded("instances: [{ instanceId: i-1, instanceType: m5.large, tags: { a: file } }]", after);
	assert.deepEqual(instanceOf(said).tags, [{ key: "a", value: "file" }]);
	assert.ok(!("declared" in said.get("instance/i-1")!));
	assert.deepEqual(instanceOf(reloaded("instances: [{ instanceId: i-1, instanceType: m5.large }]", said)).tags, []);
});

test("a file that comes to say what the APIs did has nothing to keep any more", () => {
	const api = changed(reloaded(I1), "instance/i-1", { tags: [{ key: "a", value: "b" }] });
	const after = reloaded("instances: [{ instanceId: i-1, tags: { a: b } }]", api);
	assert.deepEqual(Object.keys(after.get("instance/i-1")!), ["origin", "record"]);
});

test("a change that the APIs took back is no reason to write", () => {
	const base = reloaded(I1);
	const back = changed(changed(base, "instance/i-1", { tags: [{ key: "a", value: "b" }] }), "instance/i-1", { tags: [] });
	assert.deepEqual(reloaded(I1, back), back);
});

test("an instance that the APIs stopped stays stopped, until another state is declared", () => {
	const stop: Partial<Instance> = {
		state: "stopped",
		tokenGeneration: NOW_MS + 9,
		stateTransition: { time: "2026-01-31T12:30:00Z", code: "Client.UserInitiatedShutdown", message: "x" },
	};
	const api = changed(reloaded(I1, new Map(), "configuration", NOW_MS), "instance/i-1", stop);
	assert.equal(instanceOf(reloaded("instances: [{ instanceId: i-1, tags: { a: b } }]", api)).state, "stopped");
	const both = reloaded("instances: [{ instanceId: i-1, state: stopped }]", api);
	const started = instanceOf(reloaded(I1, both));
	assert.equal(started.state, "running");
	assert.ok(!("stateTransition" in started));
	assert.ok(started.tokenGeneration >= NOW_MS + 9);
});

test("a stop in the file ends session tokens, however often the APIs have ended them", () => {
	const generation = LATER_MS + 1_000_000;
	const api = changed(reloaded(I1), "instance/i-1", { tokenGeneration: generation });
	assert.equal(instanceOf(reloaded("instances: [{ instanceId: i-1, state: stopped }]", api)).tokenGeneration, generation + 1);
	assert.equal(instanceOf(reloaded("instances: [{ instanceId: i-1, tags: { a: b } }]", api)).tokenGeneration, generation);
});

test("metadata options that are declared anew wait for nothing", () => {
	const before = reloaded(I1);
	const metadataOptions = { ...instanceOf(before).metadataOptions, httpPutResponseHopLimit: 9 };
	const api = changed(before, "instance/i-1", { metadataOptions, metadataOptionsPending: true });
	const after = instanceOf(reloaded("instances: [{ instanceId: i-1, metadataOptions: { httpTokens: required } }]", api));
	assert.deepEqual(after.metadataOptions, { ...instanceOf(before).metadataOptions, httpTokens: "required" });
	assert.deepEqual(after.appliedMetadataOptions, after.metadataOptions);
	assert.ok(!("metadataOptionsPending" in after));
});

test("what the APIs made of the account's defaults and of images changes no instance of the file", () => {
	const base = reloaded("images: [{ imageId: ami-1 }]\ninstances: [{ instanceId: i-1, imageId: ami-1 }]");
	const api = changed(changed(base, "account/default", { instanceMetadataDefaults: { httpTokens: "required" } }), "image/ami-1", {
		imdsSupport: "v2.0",
	});
	const after = reloaded("images: [{ imageId: ami-1 }]\ninstances: [{ instanceId: i-1, imageId: ami-1, tags: { a: b } }]", api);
	assert.equal(instanceOf(after).metadataOptions.httpTokens, "optional");
});

const OVER: Partial<Instance> = { state: "terminated", networkInterfaces: [], endpointListen: [], endpointBindings: [] };

test("an instance that the APIs terminated stays so while it is declared, and makes room for others", () => {
	const claims = "privateIpAddress: 172.31.0.9, endpointListen: '127.0.0.1:1338', endpointBindings: [{ interface: tap0 }]";
	const declared = (more = "") => `{ instanceId: i-1${more}, ${claims} }`;
	const api = changed(reloaded(`instances: [${declared()}]`), "instance/i-1", OVER);
	const after = reloaded(`instances: [{ instanceId: i-2, ${claims} }, ${declared(", tags: { a: b }")}]`, api);
	assert.deepEqual(after.get("instance/i-1"), api.get("instance/i-1"));
	assert.equal(instanceOf(after, "i-2").networkInterfaces[0]?.privateIpAddresses[0]?.privateIpAddress, "172.31.0.9");
	const gone = reloaded("instances: []", api);
	assert.ok(!gone.has("instance/i-1"));
	assert.equal(instanceOf(reloaded(I1, gone)).state, "running");
});

test("an instance that is shutting down has what it has until it is over", () => {
	const claims = "endpointListen: '127.0.0.1:1338', privateIpAddress: 172.31.0.9";
	const api = changed(reloaded(`instances: [{ instanceId: i-1, ${claims} }]`), "instance/i-1", { state: "shutting-down" });
	const both = /172\.31\.0\.9 is i-1's already[^]*127\.0\.0\.1:1338 of i-2 is taken by/;
	const another = `{ instanceId: i-2, ${claims} }`;
	assert.throws(() => reloaded(`instances: [{ instanceId: i-1 }, ${another}]`, api), { name: "Contradictions", message: both });
	// What the API made is no different.
	const theirs = new Map([...api].map(([key, { record }]): [string, Stored] => [key, { origin: "api", record }]));
	assert.throws(() => reloaded(`instances: [${another}]`, theirs), { name: "Contradictions", message: both });
	const over = changed(theirs, "instance/i-1", { state: "terminated" });
	assert.ok(reloaded(`instances: [${another}]`, over).has("instance/i-2"));
});

test("bindings are compared as they will be stored", () => {
	const yaml = (second: string) =>
		`instances: [{ instanceId: i-1, endpointBindings: [{ interface: br0, bridgePort: tap0 }] }, { instanceId: i-2${second} }]`;
	const base = reloaded(yaml(""));
	const [eni] = instanceOf(base).networkInterfaces;
	const moved = changed(base, "instance/i-1", {
		networkInterfaces: [{ ...eni!, privateIpAddresses: [{ privateIpAddress: "172.31.9.9" }] }],
	});
	const clash = yaml(", endpointBindings: [{ interface: br0, sourceAddresses: [172.31.9.9] }]");
	assert.ok(reloaded(clash, base).has("instance/i-2"));
	assert.throws(() => reloaded(clash, moved), /172\.31\.9\.9 at interface br0 of i-2 is taken/);
});

test("a configuration takes over what the first start made together with what the APIs changed of it", () => {
	const first = changed(reloaded(I1, new Map(), "first-start"), "instance/i-1", { tags: [{ key: "a", value: "api" }] });
	const { origin, record } = reloaded(I1, first).get("instance/i-1")!;
	assert.equal(origin, "configuration");
	assert.deepEqual((record as Instance).tags, [{ key: "a", value: "api" }]);
	const over = changed(reloaded(I1, new Map(), "first-start"), "instance/i-1", OVER);
	assert.deepEqual(
		[over, reloaded(I1, over)].map((records) => [records.get("instance/i-1")?.origin, instanceOf(records).state]),
		[
			["first-start", "terminated"],
			["configuration", "terminated"],
		],
	);
});
