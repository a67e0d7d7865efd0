import { lastRefreshMs, nextRefreshMs } from "../metadata/credentials.ts";
import { Snapshot } from "../metadata/snapshot.ts";
import type { View } from "../metadata/view.ts";
import { type EntranceClaim, entranceClaims } from "../model/endpoint-binding.ts";
import { type Instance, isUnderWay, reachesMetadata } from "../model/instance.ts";
import { decodeRecord } from "../model/records.ts";
import { epochMs } from "../model/timestamp.ts";

/** What a tenant needs of the replica that keeps it. */
export interface TenantHome {
	/** Changes whenever a record that instances refer to does: an image, a subnet, a role. */
	readonly worldVersion: number;
	viewOf(instance: Instance, nowMs: number): View;
	/** Called when the tenant begins to hold a snapshot, so that only so many are held. */
	noteSnapshot(tenant: Tenant): void;
}

// Shared by all that have none: most, where there are thousands.
const NONE: readonly string[] = [];
const NO_CLAIMS: readonly EntranceClaim[] = [];

/**
 * One instance as the metadata endpoint knows it. Until somebody asks, it is its record's bytes and the few facts that
 * every request needs; what is read from it is told when it is first asked for.
 */
export class Tenant {
	readonly instanceId: string;
	readonly tokenGeneration: number;
	readonly httpEndpoint: "enabled" | "disabled";
	readonly httpTokens: "optional" | "required";
	readonly httpProtocolIpv6: "enabled" | "disabled";
	readonly httpPutResponseHopLimit: number;
	/** Whether the instance is in a state in which it can ask at all. */
	readonly reachable: boolean;
	/** Whether it is over: nothing is kept open for it. */
	readonly ended: boolean;
	/** Whether time alone will change it. */
	readonly underWay: boolean;
	/** Where its own listeners are. */
	readonly endpointListen: readonly string[];
	/** What it is known by where entrances are shared. */
	readonly claims: readonly EntranceClaim[];
	/** Asked since the replica last looked for snapshots to drop. */
	recent = false;
	readonly #home: TenantHome;
	readonly #record: Uint8Array;
	#snapshot: Snapshot | undefined;
	/** Before this the snapshot would speak of the future. */
	#freshFromMs = 0;
	#worldVersion = -1;

	/** @param record bytes of the instance's record. */
	constructor(home: TenantHome, record: Uint8Array) {
		const instance = decodeRecord<"instance">(record).record;
		this.#home = home;
		this.#record = record;
		this.instanceId = instance.instanceId;
		this.tokenGeneration = instance.tokenGeneration;
		this.httpEndpoint = instance.appliedMetadataOptions.httpEndpoint;
		this.httpTokens = instance.appliedMetadataOptions.httpTokens;
		this.httpProtocolIpv6 = instance.appliedMetadataOptions.httpProtocolIpv6;
		this.httpPutResponseHopLimit = instance.appliedMetadataOptions.httpPutResponseHopLimit;
		this.endpointListen = instance.endpointListen.length === 0 ? NONE : instance.endpointListen;
		this.claims = instance.endpointBindings.length === 0 ? NO_CLAIMS : entranceClaims(instance);
		this.reachable = reachesMetadata(instance.state);
		this.ended = instance.state === "terminated";
		this.underWay = isUnderWay(instance);
	}

	/** The record, decoded anew: nobody who isn't asked pays for keeping it. */
	get instance(): Instance {
		return decodeRecord<"instance">(this.#record).record;
	}

	/** The instance's metadata now: the snapshot held, unless the clock or a record that it was told from has moved on. */
	snapshot(nowMs: number): Snapshot {
		this.recent = true;
		const held = this.#snapshot;
		const inTime = held !== undefined && nowMs < held.staleAtMs && nowMs >= this.#freshFromMs;
		if (inTime && this.#worldVersion === this.#home.worldVersion) return held;
		const view = this.#home.viewOf(this.instance, nowMs);
		const snapshot = new Snapshot(view, staleAtMs(view));
		if (held === undefined) this.#home.noteSnapshot(this);
		this.#snapshot = snapshot;
		this.#freshFromMs = Math.min(nowMs, lastRefreshMs(view));
		this.#worldVersion = this.#home.worldVersion;
		return snapshot;
	}

	/** Lets go of the snapshot. */
	dropSnapshot(): void {
		this.#snapshot = undefined;
	}
}

/** When the clock alone changes what a view says: the next credentials, or the end of a pushed key. */
function staleAtMs(view: View): number {
	const keyEnds = (view.instance.managedSshKeys?.activeKeys ?? [])
		.map(({ expiresAt }) => epochMs(expiresAt))
		.filter((endMs) => endMs > view.nowMs);
	return Math.min(nextRefreshMs(view), ...keyEnds);
}
