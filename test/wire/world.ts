/** A store with an account, a network and some instances in it, and the replica that follows it: the real ones, in memory. */
import assert from "node:assert/strict";
import { createIdentityKeys } from "../../src/identity/identity-keys.ts";
import { CredentialIssuer } from "../../src/identity/role-credentials.ts";
import type { Account } from "../../src/model/account.ts";
import { defaultNetwork } from "../../src/model/default-network.ts";
import type { InstanceProfile, Role } from "../../src/model/iam.ts";
import type { Image } from "../../src/model/image.ts";
import type { Instance } from "../../src/model/instance.ts";
import type { KeyPair } from "../../src/model/key-pair.ts";
import { type InstanceSpec, launch } from "../../src/model/launch.ts";
import { decodeRecord, encodeRecord, recordId, type RecordKind, recordKey, type RecordTypes } from "../../src/model/records.ts";
import { Replica } from "../../src/replica/replica.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { update } from "../../src/store/update.ts";

const ACCOUNT: Account = { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {} };
const IMAGE: Image = {
	imageId: "ami-0abcdef1234567890",
	name: "test",
	architecture: "x86_64",
	rootDeviceName: "/dev/xvda",
	blockDeviceMappings: [],
	virtualizationType: "hvm",
	productCodes: [],
	billingProducts: [],
	ancestorImageIds: [],
};
const ROLE: Role = { roleName: "demo", roleId: "AROAEXAMPLEEXAMPLE123", path: "/" };
const PROFILE: InstanceProfile = { instanceProfileName: "demo", instanceProfileId: "AIPAEXAMPLEEXAMPLE123", path: "/", roleName: "demo" };
const KEY_PAIR: KeyPair = {
	keyName: "demo-key",
	publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDemoDemoDemoDemoDemoDemoDemoDemoDemoDemo demo-key",
};

/** Made once a process: it takes longer than all the rest. */
let identityKeys: ReturnType<typeof createIdentityKeys> | undefined;

export interface World {
	readonly replica: Replica;
	/** Changes an instance in the store, and resolves once the replica has seen it. */
	change(instanceId: string, change: (before: Instance) => Instance): Promise<void>;
	remove(instanceId: string): Promise<void>;
	close(): Promise<void>;
}

/** @param nowMs when the instances are launched. */
export async function startWorld(specs: readonly InstanceSpec[], nowMs: number): Promise<World> {
	const store = await openSqliteStore({ path: ":memory:" });
	const put = async <K extends RecordKind>(kind: K, record: RecordTypes[K]) => {
		const revision = await store.put(recordKey(kind, recordId[kind](record)), encodeRecord({ origin: "api", record }), 0n);
		assert.ok(revision !== undefined, `two records of one key: ${kind}`);
	};
	const network = defaultNetwork(ACCOUNT);
	await put("account", ACCOUNT);
	await put("image", IMAGE);
	await put("role", ROLE);
	await put("instance-profile", PROFILE);
	await put("key-pair", KEY_PAIR);
	await put("vpc", network.vpc);
	for (const subnet of network.subnets) await put("subnet", subnet);
	await put("security-group", network.securityGroup);

	const launchWorld = {
		account: ACCOUNT,
		images: new Map([[IMAGE.imageId, IMAGE]]),
		instanceProfiles: new Map([[PROFILE.instanceProfileName, PROFILE]]),
		keyPairs: new Map([[KEY_PAIR.keyName, KEY_PAIR]]),
		defaultImageId: IMAGE.imageId,
		vpcs: new Map([[network.vpc.vpcId, network.vpc]]),
		subnets: new Map(network.subnets.map((subnet) => [subnet.subnetId, subnet])),
		securityGroups: new Map([[network.securityGroup.groupId, network.securityGroup]]),
		addresses: new Map<string, string>(),
	};
	for (const spec of specs) await put("instance", launch(spec, launchWorld, nowMs));

	identityKeys ??= createIdentityKeys();
	const replica = new Replica({ identityKeys: await identityKeys, issuer: new CredentialIssuer(Buffer.alloc(32, 3)) });
	await replica.follow(store, (error) => assert.fail(String(error)));
	return {
		replica,
		async change(instanceId, change) {
			const written = await update(store, recordKey("instance", instanceId), (before) => {
				assert.ok(before !== undefined, `no instance ${instanceId}`);
				const { origin, record } = decodeRecord<"instance">(before.value);
				return encodeRecord({ origin, record: change(record) });
			});
			await replica.caughtUp(written?.revision ?? 0n);
		},
		async remove(instanceId) {
			const key = recordKey("instance", instanceId);
			await store.delete(key, (await store.get(key))?.revision ?? 0n);
			await replica.caughtUp(await store.revision());
		},
		async close() {
			replica.stop();
			await store.close();
		},
	};
}
