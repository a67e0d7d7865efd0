// From a declaration to the records it asks for, instances apart: what was left out is filled in, what always exists is added.

import type { Account } from "../model/account.ts";
import { defaultNetwork } from "../model/default-network.ts";
import { derivedIamId, derivedId } from "../model/ids.ts";
import { type RecordKind, type RecordTypes, recordId, recordKey } from "../model/records.ts";
import type { Declaration } from "./declaration.ts";
import { DEFAULT_IMAGES } from "./default-images.ts";

/** A record, and who asks for it. */
export interface DeclaredRecord<K extends RecordKind = RecordKind> {
	readonly kind: K;
	readonly key: string;
	readonly record: RecordTypes[K];
	/** Where the declaration says so; missing for what follows from it, or always exists. */
	readonly path?: readonly (string | number)[];
}

/** AWS: the account of its own guides, and the oldest Region. */
const DEFAULT_ACCOUNT_ID = "123456789012";
const DEFAULT_REGION = "us-east-1";

/** The account as a declaration has it. */
export function declaredAccount({ account = {} }: Declaration): Account {
	const { accountId = DEFAULT_ACCOUNT_ID, region = DEFAULT_REGION, instanceMetadataDefaults = {} } = account;
	return { accountId, region, instanceMetadataDefaults };
}

/** All records but the instances, those that nobody wrote down first. */
export function declaredRecords(declaration: Declaration, account: Account): readonly DeclaredRecord[] {
	return [
		declared("account", account, declaration.account && ["account"]),
		...networkRecords(declaration, account),
		...imageRecords(declaration),
		...(declaration.keyPairs ?? []).map((keyPair, index) => declared("key-pair", keyPair, ["keyPairs", index])),
		...roleRecords(declaration, account),
	];
}

function networkRecords({ vpcs = [], subnets = [], securityGroups = [] }: Declaration, account: Account): readonly DeclaredRecord[] {
	const { accountId, region } = account;
	const network = defaultNetwork(account);
	const { vpcId } = network.vpc;
	// AWS: a VPC is made with a security group of this name, and launches that name none get it.
	const defaultGroups = [vpcId, ...vpcs.map((vpc) => vpc.vpcId)]
		.filter((id) => !securityGroups.some((group) => group.groupName === "default" && (group.vpcId ?? vpcId) === id))
		.map((id) =>
			id === vpcId ? network.securityGroup : { groupId: derivedId("sg", accountId, region, id), groupName: "default", vpcId: id },
		);
	return [
		declared("vpc", network.vpc),
		...network.subnets.map((subnet) => declared("subnet", subnet)),
		...defaultGroups.map((group) => declared("security-group", group)),
		...vpcs.map((vpc, index) => declared("vpc", { ipv6CidrBlocks: [], enableDnsHostnames: true, ...vpc }, ["vpcs", index])),
		...subnets.map((subnet, index) =>
			declared("subnet", { vpcId, availabilityZone: `${region}a`, ipv6CidrBlocks: [], mapPublicIpOnLaunch: false, ...subnet }, [
				"subnets",
				index,
			]),
		),
		...securityGroups.map((group, index) => declared("security-group", { vpcId, ...group }, ["securityGroups", index])),
	];
}

function imageRecords({ images = [] }: Declaration): readonly DeclaredRecord[] {
	return [
		...DEFAULT_IMAGES.map((image) => declared("image", image)),
		...images.map((image, index) => {
			const rootDeviceName = image.rootDeviceName ?? "/dev/xvda";
			const defaults = {
				name: image.imageId,
				architecture: "x86_64",
				rootDeviceName,
				blockDeviceMappings: [{ deviceName: rootDeviceName }],
				virtualizationType: "hvm",
				productCodes: [],
				billingProducts: [],
				ancestorImageIds: [],
			} as const;
			return declared("image", { ...defaults, ...image }, ["images", index]);
		}),
	];
}

function roleRecords({ roles = [], instanceProfiles = [] }: Declaration, { accountId }: Account): readonly DeclaredRecord[] {
	const profile = (instanceProfileName: string) => ({
		instanceProfileName,
		instanceProfileId: derivedIamId("AIPA", accountId, instanceProfileName),
		path: "/",
	});
	return [
		// AWS: the console of IAM makes an instance profile of the same name with every role for EC2.
		...roles.map(({ roleName, path = "/" }) => declared("instance-profile", { ...profile(roleName), path, roleName })),
		...roles.map((role, index) =>
			declared("role", { roleId: derivedIamId("AROA", accountId, role.roleName), path: "/", ...role }, ["roles", index]),
		),
		...instanceProfiles.map(({ roles: [roleName] = [], ...rest }, index) =>
			declared("instance-profile", { ...profile(rest.instanceProfileName), ...rest, ...(roleName === undefined ? {} : { roleName }) }, [
				"instanceProfiles",
				index,
			]),
		),
	];
}

function declared<K extends RecordKind>(kind: K, record: RecordTypes[K], path?: DeclaredRecord["path"]): DeclaredRecord<K> {
	return { kind, key: recordKey(kind, recordId[kind](record)), record, ...(path === undefined ? {} : { path }) };
}
