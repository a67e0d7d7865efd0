// What one declared thing must be for another.

import type { BlockDeviceMapping } from "../model/image.ts";
import { InvalidValue, unknownName } from "../model/invalid-value.ts";
import { inCidr, parseCidr, type SecurityGroup, type Subnet, type Vpc } from "../model/network.ts";
import type { RecordKind, RecordTypes } from "../model/records.ts";
import type { DeclaredRecord } from "./declared-record.ts";
import type { DeclaredWorld } from "./declared-world.ts";
import { checkHolder, checkProfile, checkUser } from "./iam-checks.ts";
import type { Launch } from "./launch-all.ts";

type Path = readonly (string | number)[];

const CHECKS: { readonly [K in RecordKind]?: (record: RecordTypes[K], at: Path, world: DeclaredWorld) => readonly InvalidValue[] } = {
	image: checkDevices,
	"instance-profile": checkProfile,
	role: checkHolder,
	"security-group": checkGroup,
	subnet: checkSubnet,
	user: checkUser,
};

/** Contradictions among what was written down; what follows from it or always exists contradicts nothing. */
export function crossChecks(records: Iterable<DeclaredRecord>, world: DeclaredWorld): readonly InvalidValue[] {
	return [...records].flatMap(<K extends RecordKind>({ kind, record, path }: DeclaredRecord<K>) =>
		path === undefined ? [] : (CHECKS[kind]?.(record, path, world) ?? []),
	);
}

/** Snapshots that instances name for their volumes and that there are not. */
export function checkSnapshots(launches: readonly Launch[], world: DeclaredWorld): readonly InvalidValue[] {
	return launches.flatMap(({ spec, path }) => checkDevices(spec, path, world));
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

function checkDevices(
	{ blockDeviceMappings = [] }: { readonly blockDeviceMappings?: readonly BlockDeviceMapping[] },
	at: Path,
	{ snapshots }: DeclaredWorld,
): readonly InvalidValue[] {
	return blockDeviceMappings.flatMap(({ ebs: { snapshotId } = {} }, index) =>
		snapshotId === undefined || snapshots.has(snapshotId)
			? []
			: [new InvalidValue([...at, "blockDeviceMappings", index, "ebs", "snapshotId"], unknownName("snapshot", snapshotId, snapshots))],
	);
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
