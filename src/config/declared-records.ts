// From a declaration to the records it asks for, instances apart: what was left out is filled in, what always exists is added.

import type { Account } from "../model/account.ts";
import { defaultNetwork } from "../model/default-network.ts";
import { derivedId } from "../model/ids.ts";
import type { Declaration } from "./declaration.ts";
import { declared, type DeclaredRecord, type History } from "./declared-record.ts";
import { iamRecords } from "./iam-records.ts";
import { DEFAULT_IMAGES } from "./default-images.ts";

/** AWS: the account of its own guides, and the oldest Region. */
const DEFAULT_ACCOUNT_ID = "123456789012";
const DEFAULT_REGION = "us-east-1";

/** Of most images of Amazon Linux. */
const DEFAULT_VOLUME_SIZE_GIB = 8;

/** The account as a declaration has it. */
export function declaredAccount({ account = {} }: Declaration): Account {
	const { accountId = DEFAULT_ACCOUNT_ID, region = DEFAULT_REGION, instanceMetadataDefaults = {}, organization } = account;
	if (organization === undefined) return { accountId, region, instanceMetadataDefaults };
	const defaults = { organizationId: derivedId("o", accountId), serviceControlPolicies: [] };
	return { accountId, region, instanceMetadataDefaults, organization: { ...defaults, ...organization } };
}

/** All records but the instances, those that nobody wrote down first. */
export function declaredRecords(declaration: Declaration, account: Account, history: History): readonly DeclaredRecord[] {
	return [
		declared("account", account, declaration.account && ["account"]),
		...networkRecords(declaration, account),
		...imageRecords(declaration),
		...snapshotRecords(declaration, history),
		...(declaration.keyPairs ?? []).map((keyPair, index) => declared("key-pair", keyPair, ["keyPairs", index])),
		...iamRecords(declaration, account, history),
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

function snapshotRecords({ snapshots = [] }: Declaration, { before, now }: History): readonly DeclaredRecord[] {
	return snapshots.map((snapshot, index) => {
		const { snapshotId } = snapshot;
		const startTime = before("snapshot", snapshotId)?.startTime ?? now;
		const defaults = { startTime, volumeId: derivedId("vol", snapshotId), volumeSizeGib: DEFAULT_VOLUME_SIZE_GIB, description: "" };
		return declared("snapshot", { ...defaults, ...snapshot }, ["snapshots", index]);
	});
}
