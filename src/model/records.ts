// What the store holds: one record a key, JSON in UTF-8, named by its kind and its id.

import type { Account } from "./account.ts";
import { type Alarm, alarmId } from "./alarm.ts";
import type { ClientToken } from "./client-token.ts";
import type { InstanceProfile, ManagedPolicy, Role, User } from "./iam.ts";
import type { Image, Snapshot } from "./image.ts";
import type { Instance } from "./instance.ts";
import type { KeyPair } from "./key-pair.ts";
import type { LaunchTemplate } from "./launch-template.ts";
import type { LightsailOperation } from "./lightsail-operation.ts";
import type { SecurityGroup, Subnet, Vpc } from "./network.ts";
import type { Transition, TransitionStep } from "./transition.ts";

/** Every kind of record and its type. */
export interface RecordTypes {
	account: Account;
	alarm: Alarm;
	"client-token": ClientToken;
	image: Image;
	instance: Instance;
	"instance-profile": InstanceProfile;
	"key-pair": KeyPair;
	"launch-template": LaunchTemplate;
	"lightsail-operation": LightsailOperation;
	policy: ManagedPolicy;
	role: Role;
	"security-group": SecurityGroup;
	snapshot: Snapshot;
	subnet: Subnet;
	transition: Transition;
	"transition-step": TransitionStep;
	user: User;
	vpc: Vpc;
}

export type RecordKind = keyof RecordTypes;

/** Who keeps a record: the first start made it, a configuration file declares it, an API call created it. The APIs may change any. */
export type Origin = "first-start" | "configuration" | "api";

/** A record as it is stored. */
export interface Stored<K extends RecordKind = RecordKind> {
	readonly origin: Origin;
	readonly record: RecordTypes[K];
	/** What its keeper last made of it, where the APIs have changed it since. */
	readonly declared?: RecordTypes[K];
}

/** The key of a record; `id` may hold any character (key names and role names do). */
export function recordKey(kind: RecordKind, id: string): string {
	return `${kind}/${encodeId(id)}`;
}

/** What {@link recordKey} made, taken apart; `undefined` for keys of other rooms. */
export function parseRecordKey(key: string): { kind: RecordKind; id: string } | undefined {
	const [, kind = "", encodedId = ""] = /^([a-z-]+)\/(.*)$/.exec(key) ?? [];
	if (!isRecordKind(kind)) return undefined;
	const id = decodeId(encodedId);
	// Another room's key may begin as ours do; only what recordKey makes is a record's, or two keys would stand for one id.
	return recordKey(kind, id) === key ? { kind, id } : undefined;
}

/** Bytes of a record, for the store. */
export function encodeRecord<K extends RecordKind>(stored: Stored<K>): Uint8Array {
	return Buffer.from(JSON.stringify(stored));
}

/** A record of its bytes. The kind is the caller's promise: the store holds only what {@link encodeRecord} made. */
export function decodeRecord<K extends RecordKind>(bytes: Uint8Array): Stored<K> {
	const stored = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as Stored<K>;
	const { record } = stored;
	// Written before there were bindings.
	return "endpointListen" in record && !("endpointBindings" in record)
		? { ...stored, record: { ...record, endpointBindings: [] } }
		: stored;
}

/** The id a record of a kind is known by. */
export const recordId: { readonly [K in RecordKind]: (record: RecordTypes[K]) => string } = {
	account: () => "default",
	alarm: (alarm) => alarmId(alarm.alarmName),
	"client-token": ({ operation, token }) => `${operation}:${token}`,
	image: (image) => image.imageId,
	instance: (instance) => instance.instanceId,
	"instance-profile": (profile) => profile.instanceProfileName,
	"key-pair": (keyPair) => keyPair.keyName,
	"launch-template": (template) => template.launchTemplateId,
	"lightsail-operation": (operation) => operation.operationId,
	policy: (policy) => policy.policyName,
	role: (role) => role.roleName,
	"security-group": (group) => group.groupId,
	snapshot: (snapshot) => snapshot.snapshotId,
	subnet: (subnet) => subnet.subnetId,
	transition: () => "current",
	"transition-step": (step) => step.instanceId,
	user: (user) => user.userName,
	vpc: (vpc) => vpc.vpcId,
};

function isRecordKind(text: string): text is RecordKind {
	return Object.hasOwn(recordId, text);
}

// The store's keys allow few characters; every other byte becomes =XX, as quoted-printable writes it.
function encodeId(id: string): string {
	return Buffer.from(id)
		.toString("latin1")
		.replace(/[^A-Za-z0-9_.:@-]/g, (byte) => `=${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function decodeId(text: string): string {
	return Buffer.from(
		text.replace(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
		"latin1",
	).toString();
}
