import type { Account } from "./account.ts";
import { derivedId } from "./ids.ts";
import type { SecurityGroup, Subnet, Vpc } from "./network.ts";

/** The network every account has in a Region: one VPC, one subnet a zone, one security group. */
export interface DefaultNetwork {
	readonly vpc: Vpc;
	readonly subnets: readonly Subnet[];
	readonly securityGroup: SecurityGroup;
}

/** AWS: the default VPC is 172.31.0.0/16 with a /20 for each zone; instances in it get public addresses and names. */
export function defaultNetwork({ accountId, region }: Account): DefaultNetwork {
	const vpcId = defaultVpcId({ accountId, region });
	return {
		vpc: { vpcId, cidrBlocks: ["172.31.0.0/16"], ipv6CidrBlocks: [], enableDnsHostnames: true },
		subnets: [..."abcdef"].map((letter, index) => ({
			subnetId: derivedId("subnet", accountId, region, letter),
			vpcId,
			availabilityZone: `${region}${letter}`,
			cidrBlock: `172.31.${index * 16}.0/20`,
			ipv6CidrBlocks: [],
			mapPublicIpOnLaunch: true,
		})),
		securityGroup: { groupId: derivedId("sg", accountId, region, "default"), groupName: "default", vpcId },
	};
}

/** The id of the VPC that every account has in a Region. */
export function defaultVpcId({ accountId, region }: Pick<Account, "accountId" | "region">): string {
	return derivedId("vpc", accountId, region);
}
