// What one declared thing must be for another.

import { clashingClaims, entranceClaims, printClaim } from "../model/endpoint-binding.ts";
import type { InstanceProfile } from "../model/iam.ts";
import type { Instance } from "../model/instance.ts";
import { InvalidValue, unknownName } from "../model/invalid-value.ts";
import { inCidr, parseCidr, type SecurityGroup, type Subnet, type Vpc } from "../model/network.ts";
import type { RecordTypes } from "../model/records.ts";
import type { Tag } from "../model/tag.ts";
import type { DeclaredRecord } from "./declared-records.ts";
import type { DeclaredWorld } from "./declared-world.ts";
import { clashesOf, parseListen } from "./listen.ts";

type Path = readonly (string | number)[];

/** A record by its kind, so that a look at the kind tells its type. */
type AnyRecord = { readonly [K in keyof RecordTypes]: DeclaredRecord<K> }[keyof RecordTypes];

/** Contradictions among what was written down; what follows from it or always exists contradicts nothing. */
export function crossChecks(records: Iterable<DeclaredRecord>, world: DeclaredWorld): readonly InvalidValue[] {
	return [...(records as Iterable<AnyRecord>)].flatMap(({ kind, record, path }) => {
		if (path === undefined) return [];
		if (kind === "subnet") return checkSubnet(record, path, world);
		if (kind === "security-group") return checkGroup(record, path, world);
		return kind === "instance-profile" ? checkProfile(record, path, world) : [];
	});
}

/** An instance, and where it listens. */
interface Listening {
	readonly instanceId: string;
	readonly tags?: readonly Tag[];
	readonly endpointListen?: readonly string[];
	/** Missing for instances that are not declared. */
	readonly path?: Path;
}

/** Contradictions among the listeners of all instances: two may share one only if the system chooses its port. */
export function checkListeners(instances: readonly Listening[]): readonly InvalidValue[] {
	const listening = instances.flatMap(({ instanceId, tags, endpointListen = [], path }) => {
		const name = nameOf(instanceId, tags);
		return endpointListen.flatMap((text, index) => {
			const { place } = parseListen(text) ?? {};
			return place === undefined ? [] : [{ place, shown: `${text} of ${name}`, at: path && [...path, "endpointListen", index] }];
		});
	});
	return clashesOf(listening.map(({ place }) => place)).flatMap(({ at, earlier }) => {
		const { at: position, shown } = listening[at]!;
		// What isn't declared was there before.
		if (position === undefined) return [];
		return [new InvalidValue(position, `${shown} is taken by ${listening[earlier]!.shown}; allowed: another port, or 0 for any`)];
	});
}

/**
 * Contradictions among the bindings of all instances: where two are bound to one address, nobody could tell who asks.
 *
 * @param paths where instances are declared; the others were there before.
 */
export function checkBindings(instances: readonly Instance[], paths: ReadonlyMap<string, Path>): readonly InvalidValue[] {
	const bound = instances
		.filter(({ state }) => state !== "terminated")
		.flatMap((instance) =>
			instance.endpointBindings.flatMap((binding, index) =>
				entranceClaims({ ...instance, endpointBindings: [binding] }).map((claim) => ({ ...instance, claim, index })),
			),
		);
	return clashingClaims(bound).flatMap(({ at, earlier }) => {
		const { instanceId, tags, claim, index } = bound[at]!;
		const path = paths.get(instanceId);
		if (path === undefined) return [];
		const other = bound[earlier]!;
		const message =
			`${printClaim(claim)} of ${nameOf(instanceId, tags)} is taken by ${printClaim(other.claim)} of ` +
			`${nameOf(other.instanceId, other.tags)}; allowed: an interface, a namespace or an address of its own`;
		return [new InvalidValue([...path, "endpointBindings", index], message)];
	});
}

function nameOf(instanceId: string, tags: readonly Tag[] = []): string {
	return tags.find(({ key }) => key === "Name")?.value ?? instanceId;
}

function checkSubnet(subnet: Subnet, at: Path, { account, subnets, vpcs }: DeclaredWorld): readonly InvalidValue[] {
	const contradictions: InvalidValue[] = [];
	const refuse = (path: Path, message: string) => contradictions.push(new InvalidValue([...at, ...path], message));
	const vpc = vpcs.get(subnet.vpcId);
	if (vpc === undefined) refuse(["vpcId"], unknownName("VPC", subnet.vpcId, vpcs));
	if (subnet.availabilityZone.slice(0, -1) !== account.region) {
		refuse(
			["availabilityZone"],
			`${subnet.availabilityZone} is not in the account's Region; allowed: ${account.region}a, ${account.region}b, …`,
		);
	}
	if (allBlocks(subnet).length === 0) refuse([], "has no addresses; allowed: cidrBlock, ipv6CidrBlocks or both");
	for (const { block, field, ofVpc } of vpc === undefined ? [] : blocksOf(subnet, vpc)) {
		if (!ofVpc.some((outer) => contains(outer, block))) {
			refuse(
				field,
				`${block} is not in the blocks of ${subnet.vpcId}; allowed: a part of ${ofVpc.join(", ") || "none, it has no such block"}`,
			);
		}
		const other = [...subnets.values()].find(
			(each) =>
				each.subnetId !== subnet.subnetId && each.vpcId === subnet.vpcId && allBlocks(each).some((theirs) => overlap(theirs, block)),
		);
		if (other !== undefined) refuse(field, `${block} overlaps subnet ${other.subnetId}; allowed: a block of its own`);
	}
	return contradictions;
}

function checkGroup(
	{ groupId, groupName, vpcId }: SecurityGroup,
	at: Path,
	{ vpcs, securityGroups }: DeclaredWorld,
): readonly InvalidValue[] {
	if (!vpcs.has(vpcId)) return [new InvalidValue([...at, "vpcId"], unknownName("VPC", vpcId, vpcs))];
	const first = [...securityGroups.values()].find((other) => other.groupName === groupName && other.vpcId === vpcId);
	return first === undefined || first.groupId === groupId
		? []
		: [new InvalidValue([...at, "groupName"], `"${groupName}" is the name of ${first.groupId} in ${vpcId} already; allowed: another name`)];
}

function checkProfile({ roleName }: InstanceProfile, at: Path, { roles }: DeclaredWorld): readonly InvalidValue[] {
	return roleName === undefined || roles.has(roleName) ? [] : [new InvalidValue([...at, "roles", 0], unknownName("role", roleName, roles))];
}

function blocksOf(subnet: Subnet, vpc: Vpc): readonly { block: string; field: Path; ofVpc: readonly string[] }[] {
	return [
		...(subnet.cidrBlock === undefined ? [] : [{ block: subnet.cidrBlock, field: ["cidrBlock"], ofVpc: vpc.cidrBlocks }]),
		...subnet.ipv6CidrBlocks.map((block, index) => ({ block, field: ["ipv6CidrBlocks", index], ofVpc: vpc.ipv6CidrBlocks })),
	];
}

function allBlocks({ cidrBlock, ipv6CidrBlocks }: Subnet): readonly string[] {
	return [...(cidrBlock === undefined ? [] : [cidrBlock]), ...ipv6CidrBlocks];
}

function overlap(a: string, b: string): boolean {
	return contains(a, b) || contains(b, a);
}

function contains(outer: string, inner: string): boolean {
	const [large, small] = [parseCidr(outer), parseCidr(inner)];
	return large !== undefined && small?.family === large.family && small.prefixLength >= large.prefixLength && inCidr(small.address, outer);
}
