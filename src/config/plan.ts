// From a declaration and what the store holds to the writes that make one of the other.

import { InvalidValue } from "../model/invalid-value.ts";
import { type Origin, parseRecordKey, type RecordKind, recordKey, type Stored } from "../model/records.ts";
import { timestamp } from "../model/timestamp.ts";
import { checkSnapshots, crossChecks } from "./cross-checks.ts";
import type { Declaration } from "./declaration.ts";
import type { History } from "./declared-record.ts";
import { declaredRecords } from "./declared-records.ts";
import { accountOf, recordsOf, worldOf } from "./declared-world.ts";
import { checkEntrances } from "./entrance-checks.ts";
import { declaredBefore, differs, isEnded, withChanges } from "./kept-changes.ts";
import { launchAll, launchesOf } from "./launch-all.ts";
import { checkLightsailNames } from "./lightsail-checks.ts";

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
	snapshot: "snapshotId",
	image: "imageId",
	"key-pair": "keyName",
	policy: "policyName",
	role: "roleName",
	user: "userName",
	"instance-profile": "instanceProfileName",
	"launch-template": "launchTemplateId",
	instance: "instanceId",
	"client-token": undefined,
	"lightsail-operation": undefined,
	alarm: undefined,
	transition: undefined,
	"transition-step": undefined,
};
const KINDS = Object.keys(ID_FIELDS);

type Refuse = (path: readonly (string | number)[], message: string) => void;

/**
 * The writes that bring an origin's records to what is declared, what is referred to first; nothing for what is so already.
 * A configuration takes the place of what the first start made; what the API made is nobody's but the API's, and what it changed
 * stays as long as nothing new is declared of it.
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
	const history: History = { before: (kind, id) => declaredBefore(kind, id, existing), now: timestamp(nowMs) };
	const wanted = settle(declaredRecords(declaration, account, history), others, origin, refuse);
	const declared = settle(launchesOf(declaration.instances ?? [], account, existing), others, origin, refuse);
	const ended = new Map([...existing].filter(([key, stored]) => declared.has(key) && isEnded(stored)));
	const launches = [...declared.values()].filter(({ key }) => !ended.has(key));
	const standing = new Map([...others, ...ended]);
	const world = worldOf(account, wanted, standing);
	contradictions.push(...crossChecks(wanted.values(), world), ...checkSnapshots(launches, world));

	const records = new Map<string, Stored>([...ended].map(([key, stored]) => [key, { ...stored, origin }]));
	const keep = (key: string, record: Stored["record"]) => records.set(key, withChanges(key, existing.get(key), { origin, record }));
	for (const [key, { record }] of wanted) keep(key, record);
	for (const instance of launchAll(launches, world, nowMs, refuse)) keep(recordKey("instance", instance.instanceId), instance);
	const instances = recordsOf("instance", new Map([...standing, ...records]));
	contradictions.push(...checkEntrances(instances, launches), ...checkLightsailNames(instances, launches));
	if (contradictions.length > 0) throw new Contradictions(contradictions);

	const puts = [...records].filter(([key, stored]) => differs(existing.get(key), stored)).map(([key, value]): Write => ({ key, value }));
	const deletions = [...existing].filter(([key, stored]) => isOurs(stored) && !records.has(key));
	return [
		...puts.toSorted((a, b) => rank(a.key) - rank(b.key)),
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

function rank(key: string): number {
	return KINDS.indexOf(parseRecordKey(key)?.kind ?? "");
}
