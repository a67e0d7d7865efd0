import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { textOf } from "../../test/categories/crawl.ts";
import { deleteRecord, putRecord, putWorld } from "../../test/categories/stored-world.ts";
import { IDENTITY_KEYS, ISSUER, launchAlone, newWorld, NOW_MS } from "../../test/categories/world.ts";
import type { Instance } from "../model/instance.ts";
import { type InstanceSpec, launch } from "../model/launch.ts";
import { epochMs, timestamp } from "../model/timestamp.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Replica } from "./replica.ts";
import type { Tenant } from "./tenant.ts";

const ID = "i-1234567890abcdef0";
const OTHER_ID = "i-0fedcba9876543210";
const SPEC: InstanceSpec = {
	instanceId: ID,
	iamInstanceProfile: { name: "web" },
	keyName: "my-public-key",
	metadataOptions: { instanceMetadataTags: "enabled" },
	tags: [{ key: "Name", value: "one" }],
};
const HOUR_MS = 3_600_000;
const ROLE_PATH = "iam/security-credentials/web-role";

/** A replica of a store with a world and these instances, and ways to change the one and to ask the other. */
async function start(context: TestContext, instances: readonly Instance[] = [launchAlone(SPEC), launchAlone({ instanceId: OTHER_ID })]) {
	const world = newWorld();
	const store = await openSqliteStore({ path: ":memory:" });
	await putWorld(store, world, instances);
	const failures: unknown[] = [];
	const replica = new Replica({ identityKeys: IDENTITY_KEYS, issuer: ISSUER });
	await replica.follow(store, (error) => failures.push(error));
	context.after(async () => {
		replica.stop();
		await store.close();
	});
	const caughtUp = async () => replica.caughtUp(await store.revision());
	return {
		world,
		store,
		failures,
		replica,
		caughtUp,
		put: async <K extends Parameters<typeof putRecord>[1]>(kind: K, record: Parameters<typeof putRecord<K>>[2]) => {
			await putRecord(store, kind, record);
			await caughtUp();
		},
		remove: async (kind: Parameters<typeof deleteRecord>[1], id: string) => {
			await deleteRecord(store, kind, id);
			await caughtUp();
		},
		read: (path: string, nowMs = NOW_MS, id = ID) => {
			const answer = replica.tenant(id)?.snapshot(nowMs).get(`/latest/meta-data/${path}`, "2.0");
			return answer && textOf(answer);
		},
	};
}

describe("a replica", () => {
	test("holds what the store held when it began to follow", async (context) => {
		const { replica, read, store } = await start(context);
		assert.deepEqual(
			[...replica.instances()].map(({ instanceId }) => instanceId),
			[OTHER_ID, ID],
		);
		assert.equal(replica.size, 2);
		assert.equal(replica.account.region, "us-east-1");
		assert.deepEqual(replica.instance(ID), launchAlone(SPEC));
		assert.equal(replica.instance("i-0"), undefined);
		assert.equal(replica.tenant("i-0"), undefined);
		assert.equal(read("instance-id"), ID);
		assert.equal(read("iam/security-credentials/"), "web-role");
		await replica.caughtUp(0n);
		await replica.caughtUp(await store.revision());
	});

	test("shows a change of an instance once it has caught up", async (context) => {
		const { put, read, replica } = await start(context);
		const tags = [...(SPEC.tags ?? []), { key: "aws:autoscaling:groupName", value: "héllo" }];
		await put("instance", launchAlone({ ...SPEC, tags }));
		assert.equal(read("tags/instance/"), "Name\naws:autoscaling:groupName");
		assert.equal(read("tags/instance/aws:autoscaling:groupName"), "héllo");

		await put("instance", launchAlone({ ...SPEC, metadataOptions: { instanceMetadataTags: "disabled" } }));
		assert.equal(read("tags"), undefined);
		assert.doesNotMatch(read("") ?? "", /tags/);

		await put("instance", launchAlone({ ...SPEC, metadataOptions: { httpTokens: "required", httpEndpoint: "disabled" } }));
		assert.partialDeepStrictEqual(replica.tenant(ID), { instanceId: ID, httpTokens: "required", httpEndpoint: "disabled" });
	});

	test("enforces the options that are applied, not those that were asked for", async (context) => {
		const { put, replica } = await start(context);
		const instance = launchAlone(SPEC);
		await put("instance", {
			...instance,
			metadataOptions: { ...instance.metadataOptions, httpTokens: "required", httpEndpoint: "disabled" },
		});
		assert.partialDeepStrictEqual(replica.tenant(ID), { httpTokens: "optional", httpEndpoint: "enabled" });
	});

	test("has no tenant for an instance that is stopped, terminated or deleted, from then on", async (context) => {
		const { put, remove, replica } = await start(context);
		const instance = launchAlone(SPEC);
		for (const [state, reachable] of [
			["stopping", true],
			["stopped", false],
			["pending", true],
			["running", true],
			["shutting-down", true],
			["terminated", false],
		] as const) {
			await put("instance", { ...instance, state });
			assert.equal(replica.tenant(ID) !== undefined, reachable, state);
			assert.equal(replica.instance(ID)?.state, state);
		}
		await put("instance", { ...instance, tokenGeneration: 7 });
		assert.equal(replica.tenant(ID)?.tokenGeneration, 7);
		await remove("instance", ID);
		assert.equal(replica.tenant(ID), undefined);
		assert.equal(replica.instance(ID), undefined);
		assert.equal(replica.size, 1);
		await put("instance", instance);
		assert.equal(replica.tenant(ID)?.tokenGeneration, instance.tokenGeneration);
	});

	test("shows a change of what instances refer to", async (context) => {
		const { put, remove, read, world } = await start(context);
		const image = world.images.get("ami-0abcdef1234567890")!;
		assert.equal(read("profile"), "default-hvm");
		await put("image", { ...image, virtualizationType: "paravirtual" });
		assert.equal(read("profile"), "default-paravirtual");

		const profile = world.instanceProfiles.get("web")!;
		await put("instance-profile", { ...profile, roleName: "of-lambda" });
		assert.equal(read("iam/security-credentials/"), "of-lambda");
		assert.equal(read(ROLE_PATH), undefined);
		await put("instance-profile", profile);
		const before = read(ROLE_PATH);
		await put("role", { ...world.roles.get("web-role")!, roleId: "AROAREPLACED111111111" });
		assert.notEqual(read(ROLE_PATH), before);
		await remove("role", "web-role");
		assert.equal(read("iam/"), "info");
		await remove("instance-profile", "web");
		assert.match(read("iam/info") ?? "", /InstanceProfileNotFound/);

		await remove("key-pair", "my-public-key");
		assert.equal(read("public-keys"), undefined);
		const [group] = world.securityGroups.values();
		await put("security-group", { ...group!, groupName: "renamed" });
		assert.equal(read("security-groups"), "renamed");
		await put("account", { ...world.account, accountId: "210987654321" });
		assert.match(read("identity-credentials/ec2/info") ?? "", /"210987654321"/);
	});

	test("keeps a snapshot until something that it was told from changes, and keeps those of others", async (context) => {
		const { put, replica, world } = await start(context);
		const snapshotOf = (id: string) => replica.tenant(id)?.snapshot(NOW_MS);
		const [one, other] = [snapshotOf(ID), snapshotOf(OTHER_ID)];
		assert.equal(snapshotOf(ID), one);
		await put("instance", launchAlone({ ...SPEC, tags: [] }));
		assert.notEqual(snapshotOf(ID), one);
		assert.equal(snapshotOf(OTHER_ID), other);
		await put("image", { ...world.images.get("ami-0a1b2c3d4e5f67890")! });
		assert.notEqual(snapshotOf(OTHER_ID), other);
	});

	test("passes over what is no record of its kinds", async (context) => {
		const { store, replica, caughtUp, failures, put, read } = await start(context);
		const worldVersion = replica.worldVersion;
		const snapshot = replica.tenant(ID)?.snapshot(NOW_MS);
		const foreign = [
			"launch-template/lt-1",
			"metrics",
			"rolex",
			"instance",
			"instance/i-1/lease",
			"instances/i-1",
			"role/=61",
			"audit/1/2",
		];
		for (const key of foreign) await store.put(key, Buffer.from("not JSON"), 0n);
		await caughtUp();
		assert.deepEqual([replica.size, replica.worldVersion], [2, worldVersion]);
		assert.equal(replica.tenant(ID)?.snapshot(NOW_MS), snapshot);
		for (const key of foreign) await store.delete(key, (await store.get(key))?.revision ?? 0n);
		await put("instance", launchAlone({ ...SPEC, instanceType: "m5.large" }));
		assert.equal(read("instance-type"), "m5.large");
		assert.deepEqual(failures, []);
	});

	test("tells of a record that it can't read, and stands still then", async (context) => {
		const { store, failures, read } = await start(context);
		await store.put("instance/i-1", Buffer.from("{"), 0n);
		await new Promise((resolve) => setImmediate(resolve));
		assert.ok(failures[0] instanceof SyntaxError);
		assert.equal(failures.length, 1);
		assert.equal(read("instance-id"), ID);
	});

	test("sees thousands of changes and deletions at once", async (context) => {
		const { store, replica, caughtUp, failures } = await start(context);
		const ids = Array.from({ length: 12_000 }, (_, n) => `i-${n}`);
		const instance = launchAlone({ instanceId: ID });
		await Promise.all(ids.map((instanceId) => putRecord(store, "instance", { ...instance, instanceId })));
		await caughtUp();
		assert.equal(replica.size, 12_002);
		await Promise.all(ids.map((id) => deleteRecord(store, "instance", id)));
		await caughtUp();
		assert.equal(replica.size, 2);
		assert.deepEqual(failures, []);
	});

	test("calls its listener after a change, and nobody after it was stopped", async (context) => {
		const { store, replica, put, failures } = await start(context);
		const sizes: number[] = [];
		replica.onChange(() => sizes.push(replica.size));
		await put("instance", launchAlone({ instanceId: "i-3" }));
		assert.equal(sizes.at(-1), 3);
		replica.stop();
		const calls = sizes.length;
		await putRecord(store, "instance", launchAlone({ instanceId: "i-4" }));
		await new Promise((resolve) => setImmediate(resolve));
		assert.deepEqual([sizes.length, replica.size, failures.length], [calls, 3, 0]);
		assert.ok(replica.tenant(ID) !== undefined);
	});

	test("ends quietly when its store is closed", async (context) => {
		const { store, failures, read } = await start(context);
		await store.close();
		await new Promise((resolve) => setImmediate(resolve));
		assert.deepEqual(failures, []);
		assert.equal(read("instance-id"), ID);
	});
});

describe("as the clock goes on", () => {
	test("credentials are refreshed every hour, never blank, never old, never of the future", async (context) => {
		const { read } = await start(context);
		const seen = new Set<string>();
		for (let afterMs = 0; afterMs <= 12 * HOUR_MS; afterMs += 6 * 60_000) {
			const nowMs = NOW_MS + afterMs;
			for (const path of [ROLE_PATH, "identity-credentials/ec2/security-credentials/ec2-instance"]) {
				const document = JSON.parse(read(path, nowMs) ?? "") as Record<string, string>;
				assert.ok(epochMs(document["LastUpdated"] ?? "") <= nowMs);
				assert.ok(epochMs(document["Expiration"] ?? "") - nowMs >= 5 * HOUR_MS);
				assert.equal(document["Code"], "Success");
				if (path === ROLE_PATH) seen.add(document["AccessKeyId"] ?? "");
			}
		}
		assert.equal(seen.size, 13);
	});

	test("a snapshot is held to the last millisecond before the next credentials", async (context) => {
		const { replica } = await start(context);
		const tenant = replica.tenant(ID)!;
		const first = tenant.snapshot(NOW_MS);
		assert.equal(first.staleAtMs, NOW_MS + HOUR_MS);
		assert.equal(tenant.snapshot(first.staleAtMs - 1), first);
		assert.notEqual(tenant.snapshot(first.staleAtMs), first);
	});

	test("a pushed key ends after its minute, and nothing else has to happen", async (context) => {
		const expiresAt = timestamp(NOW_MS + 60_000);
		const managedSshKeys = {
			signerCert: "-----BEGIN CERTIFICATE-----",
			signerOcsp: [],
			activeKeys: [
				{ user: "ec2-user", key: "ssh-rsa AAAA", expiresAt },
				{ user: "root", key: "ssh-rsa AAAA", expiresAt: timestamp(NOW_MS + 90_000) },
			],
		};
		const { read } = await start(context, [launchAlone({ ...SPEC, managedSshKeys })]);
		const folder = "managed-ssh-keys/active-keys";
		assert.equal(read(`${folder}/`, NOW_MS), "ec2-user\nroot");
		assert.equal(read(`${folder}/ec2-user/`, NOW_MS + 59_999), "ssh-rsa AAAA");
		assert.equal(read(`${folder}/ec2-user/`, NOW_MS + 60_000), undefined);
		assert.equal(read(folder, NOW_MS + 60_000), "root");
		assert.equal(read(folder, NOW_MS + 90_000), undefined);
		assert.equal(read("managed-ssh-keys", NOW_MS + 90_000), "signer-cert");
	});
});

describe("the snapshots held", () => {
	const HELD = 1024;

	/** A replica of so many instances, without a store: the same records are applied as a store would give them. */
	async function startMany(context: TestContext, count: number): Promise<readonly Tenant[]> {
		const world = newWorld();
		const instances = Array.from({ length: count }, (_, n) => launch({ instanceId: `i-${n}`, subnetId: "subnet-large" }, world, NOW_MS));
		const { replica } = await start(context, instances);
		return instances.map(({ instanceId }) => replica.tenant(instanceId)!);
	}

	test("are bounded, however many instances ask", async (context) => {
		const tenants = await startMany(context, HELD + 200);
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const snapshots = tenants.map((tenant) => new WeakRef(tenant.snapshot(NOW_MS)));
		// What a weak reference led to stays until the event loop turns.
		await new Promise((resolve) => setImmediate(resolve));
		collect();
		const alive = snapshots.filter((snapshot) => snapshot.deref() !== undefined).length;
		assert.ok(alive <= HELD, `${alive}`);
		assert.ok(alive > HELD / 2, `${alive}`);
	});

	test("are those of instances that were asked lately: the oldest goes, unless it was asked again", async (context) => {
		const tenants = await startMany(context, HELD + 2);
		const ask = (index: number) => tenants[index]!.snapshot(NOW_MS);
		const asked = tenants.slice(0, HELD).map((_, index) => ask(index));
		ask(HELD); // everyone was asked since the last look, so this one's place is the very first's
		assert.equal(ask(1), asked[1]);
		ask(HELD + 1); // the second is the oldest now, but was asked again: the third goes
		assert.equal(ask(1), asked[1]);
		assert.notEqual(ask(2), asked[2]);
		assert.notEqual(ask(0), asked[0]);
	});

	test("of an instance that changed or went are not held", async (context) => {
		const { replica, put, remove } = await start(context);
		const snapshots = [ID, OTHER_ID].map((id) => new WeakRef(replica.tenant(id)!.snapshot(NOW_MS)));
		await put("instance", launchAlone({ ...SPEC, tags: [] }));
		await remove("instance", OTHER_ID);
		await new Promise((resolve) => setImmediate(resolve));
		setFlagsFromString("--expose-gc");
		(runInNewContext("gc") as () => void)();
		assert.deepEqual(
			snapshots.map((snapshot) => snapshot.deref()),
			[undefined, undefined],
		);
	});
});
