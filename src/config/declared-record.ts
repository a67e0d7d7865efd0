import { type RecordKind, type RecordTypes, recordId, recordKey } from "../model/records.ts";
import type { Timestamp } from "../model/timestamp.ts";

/** A record, and who asks for it. */
export interface DeclaredRecord<K extends RecordKind = RecordKind> {
	readonly kind: K;
	readonly key: string;
	readonly record: RecordTypes[K];
	/** Where the declaration says so; missing for what follows from it, or always exists. */
	readonly path?: readonly (string | number)[];
}

/** What was declared until now, for what stays as it was, such as times. */
export interface History {
	readonly before: <K extends RecordKind>(kind: K, id: string) => RecordTypes[K] | undefined;
	readonly now: Timestamp;
}

export function declared<K extends RecordKind>(kind: K, record: RecordTypes[K], path?: DeclaredRecord["path"]): DeclaredRecord<K> {
	return { kind, key: recordKey(kind, recordId[kind](record)), record, ...(path === undefined ? {} : { path }) };
}
