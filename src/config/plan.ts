// From a declaration and what the store holds to the writes that make one of the other.

import { isDeepStrictEqual } from "node:util";
import { InvalidValue } from "../model/invalid-value.ts";
import { type Origin, parseRecordKey, type RecordKind, recordKey, type RecordTypes, type Stored } from "../model/records.ts";
import { checkBindings, checkListeners, crossChecks } from "./cross-checks.ts";
import type { Declaration } from "./declaration.ts";
import { declaredRecords } from "./declared-records.ts";
import { accountOf, recordsOf, worldOf } from "./declared-world.ts";
import { launchAll, launchesOf } from "./launch-all.ts";

/** One write to the store. */
export interface Write {
	readonly key: string;
	/** `undefined`: the record is to be deleted. */
	readonly value: Stored | undefined;
}

/** A declaration that contradicts itself, or what others keep in the store. */
export class Contradictions extends Error {
	/** Their paths lead from the top of the declaration. */
	readonly contradictions: readonly InvalidValue[];

	constructor(contradictions: readonly InvalidValue[]) {
		super(contradictions.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
		this.name = "Contradictions";
		this.contradictions = contradictions;
	}
}

/** The kinds of records and the field of a declaration that names each; a kind refers only to those above it. */
const ID_FIELDS: Readonly<Record<RecordKind, string | undefined>> = {
	account: undefined,
	vpc: "vpcId",
	subnet: "subnetId",
	"security-group": "groupId",
	image: "imageId",
	"key-pair": "keyName",
	role: "roleName",
	"instance-profile": "instanceProfileName",
	instance: "instanceId",
};
const KINDS = Object.keys(ID_FIELDS);

type Refuse = (path: readonly (string | number)[], message: string) => void;

/**
 * The writes that bring an origin's records to what is declared, what is referred to first; nothing for what is so already.
 * A configuration takes the place of what the first start made; what the API made is nobody's but the API's.
 *
 * @throws {Contradictions} with all that can be found.
 */
export function plan(
	declaration: Declaration,
	existing: ReadonlyMap<string, Stored>,
	origin: Exclude<Origin, "api">,
	nowMs: number,
): readonly Write[] {
	const contradictions: InvalidValue[] = [];
	const refuse: Refuse = (path, message) => void contradictions.push(new InvalidValue(path, message));
	const isOurs = (stored: Stored) => stored.origin === origin || (origin === "configuration" && stored.origin === "first-start");
	const others = new Map([...existing].filter(([, stored]) => !isOurs(stored)));

	const account = accountOf(declaration, others);
	const wanted = settle(declaredRecords(declaration, account), others, origin, refuse);
	const world = worldOf(account, wanted, others);
	const launches = settle(launchesOf(declaration.instances ?? [], account, existing), others, origin, refuse);
	contradictions.push(
		...crossChecks(wanted.values(), world),
		...checkListeners([...recordsOf("instance", others).values(), ...[...launches.values()].map(({ spec, path }) => ({ ...spec, path }))]),
	);
	const instances = launchAll([...launches.values()], world, nowMs, refuse);
	const paths = new Map([...launches.values()].flatMap(({ spec, path }) => (path === undefined ? [] : [[spec.instanceId, path] as const])));
	contradictions.push(...checkBindings([...recordsOf("instance", others).values(), ...instances], paths));
	if (contradictions.length > 0) throw new Contradictions(contradictions);

	const records = new Map<string, RecordTypes[RecordKind]>([
		...[...wanted].map(([key, { record }]) => [key, record] as const),
		...instances.map((instance) => [recordKey("instance", instance.instanceId), instance] as const),
	]);
	const puts = [...records].map(([key, record]): Write => ({ key, value: { origin, record } }));
	const deletions = [...existing].filter(([key, stored]) => isOurs(stored) && !records.has(key));
	return [
		...puts.filter(({ key, value }) => differs(existing.get(key), value)).toSorted((a, b) => rank(a.key) - rank(b.key)),
		...deletions.map(([key]): Write => ({ key, value: undefined })).toSorted((a, b) => rank(b.key) - rank(a.key)),
	];
}

/** Of the records with one key, the one that is written down; refuses what is written down twice, or is another's. */
function settle<T extends { readonly key: string; readonly path?: readonly (string | number)[] }>(
	records: readonly T[],
	others: ReadonlyMap<string, Stored>,
	origin: Origin,
	refuse: Refuse,
): ReadonlyMap<string, T> {
	const settled = new Map<string, T>();
	for (const record of records) {
		const { key, path } = record;
		const { kind, id } = parseRecordKey(key) ?? {};
		const idField = kind && ID_FIELDS[kind];
		const first = settled.get(key)?.path;
		if (others.has(key)) {
			// What follows from the declaration yields to what is there, and so does all of the first start.
			if (path === undefined || origin === "first-start") continue;
			const what = idField === undefined ? "" : `"${id}" `;
			refuse([...path, ...(idField === undefined ? [] : [idField])], `${what}was made through the API; allowed: what the API has not made`);
		} else if (path !== undefined && first !== undefined) {
			refuse([...path, idField ?? ""], `"${id}" is declared twice, first in ${first[0]}[${first[1]}]; allowed: once`);
		} else if (path !== undefined || !settled.has(key)) {
			settled.set(key, record);
		}
	}
	return settled;
}

/** Whether a store that holds the one would have to write the other. When an instance was last changed is no change of it. */
function differs(before: Stored | undefined, after: Stored | undefined): boolean {
	const comparable = (stored: Stored | undefined) => {
		// As JSON, because that is how a store gives it back.
		const { record, ...rest } = JSON.parse(JSON.stringify(stored ?? {})) as { record?: object };
		return { ...rest, record: { ...record, lastModifiedTime: undefined } };
	};
	return !isDeepStrictEqual(comparable(before), comparable(after));
}

function rank(key: string): number {
	return KINDS.indexOf(parseRecordKey(key)?.kind ?? "");
}
