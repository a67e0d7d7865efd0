// What the APIs changed of a declared record outlives a start and a reload, for as long as its declaration says nothing new.

import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../model/instance.ts";
import { parseRecordKey, type RecordKind, recordKey, type RecordTypes, type Stored } from "../model/records.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields that mean nothing without each other: where one of them is declared anew, all of them are. */
const TOGETHER: Readonly<Record<string, readonly (readonly string[])[]>> = {
	instance: [
		["metadataOptions", "appliedMetadataOptions", "metadataOptionsPending"],
		["state", "stateTransition"],
	],
	policy: [["versions", "defaultVersionId", "updateDate"]],
};

/**
 * What is stored of a record that is declared: the declaration, and what the APIs have changed since it last said something else,
 * field by field.
 *
 * @param before what the store holds.
 * @param declared what is to be stored where the APIs changed nothing.
 */
export function withChanges(key: string, before: Stored | undefined, declared: Stored): Stored {
	if (before?.declared === undefined) return declared;
	if (isSame(before.declared, declared.record)) return { ...before, origin: declared.origin };
	const record = merged(key, { changed: plain(before.record), was: plain(before.declared), now: plain(declared.record) });
	return isSame(record, declared.record) ? { ...declared, record } : { origin: declared.origin, record, declared: declared.record };
}

/** What was made of a record's declaration until now. */
export function declaredBefore<K extends RecordKind>(
	kind: K,
	id: string,
	existing: ReadonlyMap<string, Stored>,
): RecordTypes[K] | undefined {
	const { record, declared = record } = existing.get(recordKey(kind, id)) ?? {};
	// The key says which kind of record it is.
	return declared as RecordTypes[K] | undefined;
}

/** Whether a store that holds the one would have to write the other. When an instance was last changed is no change of it. */
export function differs(before: Stored | undefined, after: Stored): boolean {
	return before?.origin !== after.origin || !isSame(before.record, after.record) || !isSame(before.declared, after.declared);
}

/** Whether the APIs have ended an instance. What is declared of it then changes nothing, as long as something is. */
export function isEnded({ record }: Stored): boolean {
	return "state" in record && (record.state === "shutting-down" || record.state === "terminated");
}

function merged(key: string, { changed, was, now }: { changed: Fields; was: Fields; now: Fields }): Stored["record"] {
	const { kind = "" } = parseRecordKey(key) ?? {};
	const differing = Object.keys({ ...was, ...now }).filter((name) => !isDeepStrictEqual(was[name], now[name]));
	const groups = (TOGETHER[kind] ?? []).filter((group) => group.some((name) => differing.includes(name)));
	const fromNow = new Set([...differing, ...groups.flat()]);
	const record = Object.fromEntries([
		...Object.entries(changed).filter(([name]) => !fromNow.has(name)),
		...Object.entries(now).filter(([name]) => fromNow.has(name)),
	]) as unknown as Stored["record"];
	return kind === "instance" ? withTokensOf(record as Instance, changed as unknown as Instance) : record;
}

/** However often the APIs have ended an instance's session tokens, a stop ends those that were given out since. */
function withTokensOf(instance: Instance, before: Instance): Instance {
	const stops = instance.state === "stopped" && before.state !== "stopped";
	return { ...instance, tokenGeneration: Math.max(instance.tokenGeneration, before.tokenGeneration + Number(stops)) };
}

function isSame(a: object | undefined, b: object | undefined): boolean {
	return isDeepStrictEqual(comparable(a), comparable(b));
}

function comparable(record: object | undefined): unknown {
	return record && { ...plain(record), lastModifiedTime: undefined };
}

/** As a store would give it back. */
function plain(record: object): Fields {
	return JSON.parse(JSON.stringify(record)) as Fields;
}
