// A copy of the store in memory, always current: what the metadata endpoint answers from without waiting for anything.

import { isDeepStrictEqual } from "node:util";
import type { IdentityKeys } from "../identity/identity-keys.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import type { AttachedInterface, View } from "../metadata/view.ts";
import type { Account } from "../model/account.ts";
import type { Instance } from "../model/instance.ts";
import type { NetworkInterface } from "../model/network.ts";
import { decodeRecord, parseRecordKey, type RecordKind, type RecordTypes } from "../model/records.ts";
import type { Change, Store } from "../store/port.ts";
import { ReachedRevision } from "../store/reached-revision.ts";
import { BindingTable } from "./binding-table.ts";
import { Tenant, type TenantHome } from "./tenant.ts";

/** Snapshots held at once; each is some tens of KiB once it was crawled. Instances that nobody asks hold none. */
const SNAPSHOTS_HELD = 1024;

/** The kinds that metadata are told from, beside instances. */
const WORLD_KINDS = ["account", "image", "instance-profile", "key-pair", "role", "security-group", "subnet", "vpc"] as const;
type WorldKind = (typeof WORLD_KINDS)[number];
type WorldRecords = { readonly [K in WorldKind]: Map<string, RecordTypes[K]> };

/** What the replica signs and issues with. */
export interface Secrets {
	readonly identityKeys: IdentityKeys;
	readonly issuer: CredentialIssuer;
}

/** How an instance is asked: not at all, or with tokens optional or required. */
export type AskingMode = "off" | Tenant["httpTokens"];

/** Follows a store and keeps its instances ready to be asked. */
export class Replica implements TenantHome {
	worldVersion = 0;
	readonly #secrets: Secrets;
	readonly #tenants = new Map<string, Tenant>();
	readonly #holders = new Set<Tenant>();
	readonly #bindings = new BindingTable();
	readonly #world = Object.fromEntries(WORLD_KINDS.map((kind) => [kind, new Map()])) as WorldRecords;
	readonly #stop = new AbortController();
	readonly #reached = new ReachedRevision();
	#onChange: () => void = () => {};
	#onMode: (instanceId: string, mode: AskingMode) => void = () => {};
	#placesChanged = false;

	constructor(secrets: Secrets) {
		this.#secrets = secrets;
	}

	/** Loads the whole store, then follows it; resolves once loaded. `failed` is called if following ends otherwise than by {@link stop}. */
	async follow(store: Store, failed: (error: unknown) => void): Promise<void> {
		const revision = await store.revision();
		for await (const entry of store.list("")) this.#apply(entry);
		this.#reach(revision);
		this.#watch(store, revision).catch(failed);
	}

	/** Stops following. What is loaded stays. */
	stop(): void {
		this.#stop.abort();
	}

	/** Resolves once everything up to a revision is here. */
	async caughtUp(revision: bigint): Promise<void> {
		await this.#reached.caughtUp(revision);
	}

	/** The store's revision up to which everything is here. */
	get revision(): bigint {
		return this.#reached.revision;
	}

	/** Has `listener` called after an instance came or went, or is to be asked elsewhere. */
	onChange(listener: () => void): void {
		this.#onChange = listener;
	}

	/** Has `listener` called, at once, with every instance that comes to be asked in another way; to be called before {@link follow}. */
	onMode(listener: (instanceId: string, mode: AskingMode) => void): void {
		this.#onMode = listener;
	}

	/** The instance that may ask under this id; `undefined` for none, and for one that is stopped or gone. */
	tenant(instanceId: string): Tenant | undefined {
		const tenant = this.#tenants.get(instanceId);
		return tenant?.reachable === true ? tenant : undefined;
	}

	/**
	 * The instance that may ask from an address, likewise.
	 *
	 * @param place {@link placeName} of the place where it asks; `undefined`: no place in particular.
	 * @param source a canonical address.
	 */
	tenantAt(place: string | undefined, source: string): Tenant | undefined {
		const instanceId = this.#bindings.find(place, source);
		return instanceId === undefined ? undefined : this.tenant(instanceId);
	}

	/** Every instance's tenant, reachable or not, by id. */
	*tenants(): Iterable<Tenant> {
		for (const id of [...this.#tenants.keys()].sort()) yield this.#tenants.get(id)!;
	}

	/** Every instance, by id. */
	*instances(): Iterable<Instance> {
		for (const tenant of this.tenants()) yield tenant.instance;
	}

	/** One instance, whatever its state. */
	instance(instanceId: string): Instance | undefined {
		return this.#tenants.get(instanceId)?.instance;
	}

	/** The account and the Region that all of this is in. */
	get account(): Account {
		return this.#world.account.get("default") ?? NO_ACCOUNT;
	}

	/** How many instances there are. */
	get size(): number {
		return this.#tenants.size;
	}

	viewOf(instance: Instance, nowMs: number): View {
		const world = this.#world;
		const profileArn = instance.iamInstanceProfile?.arn;
		const profile = [...world["instance-profile"].values()].find(({ path, instanceProfileName }) =>
			profileArn?.endsWith(`:instance-profile${path}${instanceProfileName}`),
		);
		return {
			instance,
			account: world.account.get("default") ?? NO_ACCOUNT,
			image: world.image.get(instance.imageId),
			interfaces: instance.networkInterfaces.flatMap((one) => this.#attached(one)),
			keyPairs: instance.keyNames.flatMap((name) => world["key-pair"].get(name) ?? []),
			profile,
			role: profile?.roleName === undefined ? undefined : world.role.get(profile.roleName),
			...this.#secrets,
			nowMs,
		};
	}

	noteSnapshot(tenant: Tenant): void {
		this.#holders.add(tenant);
		// The oldest goes, unless it was asked since the last time round: then it goes to the end of the row.
		for (const oldest of this.#holders) {
			if (this.#holders.size <= SNAPSHOTS_HELD) return;
			this.#holders.delete(oldest);
			if (oldest.recent) this.#holders.add(oldest);
			else oldest.dropSnapshot();
			oldest.recent = false;
		}
	}

	async #watch(store: Store, from: bigint): Promise<void> {
		for await (const change of store.watch("", from, this.#stop.signal)) {
			this.#apply(change);
			this.#reach(change.revision);
		}
	}

	#apply({ key, value }: Change): void {
		const parsed = parseRecordKey(key);
		if (parsed === undefined) return;
		const { kind, id } = parsed;
		if (kind === "instance") this.#applyInstance(id, value);
		else if (isWorldKind(kind)) this.#applyWorld(kind, id, value);
	}

	#applyInstance(id: string, value: Uint8Array | undefined): void {
		const before = this.#tenants.get(id);
		if (before !== undefined) {
			this.#holders.delete(before);
			this.#bindings.remove(id, before.claims);
		}
		const tenant = value && new Tenant(this, value);
		if (modeOf(before) !== modeOf(tenant)) this.#onMode(id, modeOf(tenant));
		if (tenant === undefined) {
			this.#tenants.delete(id);
			this.#placesChanged = true;
			return;
		}
		this.#placesChanged ||= before === undefined || !isDeepStrictEqual(placesOf(before), placesOf(tenant));
		this.#tenants.set(id, tenant);
		this.#bindings.add(id, tenant.claims);
	}

	#applyWorld<K extends WorldKind>(kind: K, id: string, value: Uint8Array | undefined): void {
		this.worldVersion++;
		if (value === undefined) this.#world[kind].delete(id);
		else this.#world[kind].set(id, decodeRecord<K>(value).record);
	}

	#reach(revision: bigint): void {
		const placesChanged = this.#placesChanged;
		this.#placesChanged = false;
		if (placesChanged) this.#onChange();
		this.#reached.reach(revision);
	}

	#attached(one: NetworkInterface): readonly AttachedInterface[] {
		const subnet = this.#world.subnet.get(one.subnetId);
		const vpc = subnet && this.#world.vpc.get(subnet.vpcId);
		if (subnet === undefined || vpc === undefined) return [];
		const groups = one.groupIds.flatMap((groupId) => this.#world["security-group"].get(groupId) ?? []);
		return [{ ...one, subnet, vpc, groups }];
	}
}

function modeOf(tenant: Tenant | undefined): AskingMode {
	return tenant?.reachable === true ? tenant.httpTokens : "off";
}

/** What decides where an instance is asked. */
function placesOf({ endpointListen, claims, ended }: Tenant): readonly unknown[] {
	return [endpointListen, claims, ended];
}

function isWorldKind(kind: RecordKind): kind is WorldKind {
	return (WORLD_KINDS as readonly RecordKind[]).includes(kind);
}

// A store whose account record is missing was written by nobody we know; what follows from it shows as unset.
const NO_ACCOUNT: Account = { accountId: "000000000000", region: "us-east-1", instanceMetadataDefaults: {} };
