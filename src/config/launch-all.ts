// Launches what is declared, so that no address that was given or is kept is given out to another instance.

import { derivedId } from "../model/ids.ts";
import type { Account } from "../model/account.ts";
import type { Instance } from "../model/instance.ts";
import { InvalidValue } from "../model/invalid-value.ts";
import { type InstanceSpec, launch, type World } from "../model/launch.ts";
import { addressKeys, type InterfaceSpec } from "../model/launch-network.ts";
import { recordKey, type Stored } from "../model/records.ts";
import type { Declaration } from "./declaration.ts";
import { declaredBefore } from "./kept-changes.ts";

type DeclaredInstance = NonNullable<Declaration["instances"]>[number];

/** An instance to launch, and what was made of its declaration until now. */
export interface Launch {
	readonly key: string;
	readonly spec: InstanceSpec;
	readonly before: Instance | undefined;
	/** Where it is declared. */
	readonly path: readonly (string | number)[];
}

/** So many are told of. Where a subnet is full, every further launch walks through it in vain. */
const REFUSED_MAX = 100;

/** The declared instances, with an id each and what the store knows of them. */
export function launchesOf(
	instances: readonly DeclaredInstance[],
	account: Account,
	existing: ReadonlyMap<string, Stored>,
): readonly Launch[] {
	const ids = instanceIds(instances, account);
	return instances.map((instance, index) => {
		const instanceId = ids[index]!;
		return {
			key: recordKey("instance", instanceId),
			spec: { ...instance, instanceId },
			before: declaredBefore("instance", instanceId, existing),
			path: ["instances", index],
		};
	});
}

/** Launches all; those that contradict something are left out and told of. */
export function launchAll(
	launches: readonly Launch[],
	world: World,
	nowMs: number,
	refuse: (path: InvalidValue["path"], message: string) => void,
): readonly Instance[] {
	const reserving = { ...world, reserved: reservations(launches, world) };
	let refused = 0;
	return launches.flatMap(({ spec, before, path }) => {
		if (refused === REFUSED_MAX) return [];
		try {
			return launch(spec, reserving, nowMs, before);
		} catch (error) {
			if (!(error instanceof InvalidValue)) throw error;
			refused++;
			refuse([...path, ...error.path], error.message);
			return [];
		}
	});
}

/** Which addresses nobody gets unasked, because they are declared (for whom is not the question), or only who has them now. */
function reservations(launches: readonly Launch[], world: World): ReadonlyMap<string, string> {
	const reserved = new Map<string, string>();
	for (const { spec, before } of launches) {
		for (const key of before === undefined ? [] : addressKeys(before, world)) reserved.set(key, spec.instanceId);
	}
	const declared = launches.flatMap(({ spec }): readonly InterfaceSpec[] => [spec, ...(spec.networkInterfaces ?? [])]);
	for (const { privateIpAddress, privateIpAddresses = [], publicIpAddress, ipv6Addresses = [] } of declared) {
		// In which VPC it will be isn't known yet; one VPC more that has it reserved does no harm.
		for (const address of [privateIpAddress, ...privateIpAddresses.map((each) => each.privateIpAddress)]) {
			if (address !== undefined) for (const vpcId of world.vpcs.keys()) reserved.set(`${vpcId}/${address}`, "");
		}
		for (const address of [publicIpAddress, ...privateIpAddresses.map(({ publicIp }) => publicIp), ...ipv6Addresses]) {
			if (address !== undefined) reserved.set(address, "");
		}
	}
	return reserved;
}

/** The id that is declared, else one that follows from Lightsail's name or a `Name` which no other instance without an id has, else from the position. */
function instanceIds(instances: readonly DeclaredInstance[], { accountId, region }: Account): readonly string[] {
	const names = instances.map(({ instanceId, lightsail, tags }) =>
		instanceId === undefined ? (lightsail?.name ?? tags?.find(({ key }) => key === "Name")?.value) : undefined,
	);
	const uses = Map.groupBy(names, (name) => name);
	return instances.map(({ instanceId }, index) => {
		const name = names[index];
		if (instanceId !== undefined) return instanceId;
		return name !== undefined && uses.get(name)?.length === 1
			? derivedId("i", accountId, region, "name", name)
			: derivedId("i", accountId, region, "position", index);
	});
}
