import type { Account } from "../model/account.ts";
import { defaultVpcId } from "../model/default-network.ts";
import type { World } from "../model/launch.ts";
import { addressKeys } from "../model/launch-network.ts";
import type { Records } from "./inventory.ts";

/** What launches refer to, from the records; launching adds the addresses that it gives out. */
export function launchWorld(records: Records, account: Account): World {
	const defaultVpc = defaultVpcId(account);
	const inDefault = <T extends { readonly vpcId: string }>(all: Iterable<readonly [string, T]>) =>
		new Map([...all].toSorted(([, a], [, b]) => Number(b.vpcId === defaultVpc) - Number(a.vpcId === defaultVpc)));
	const groups = [...records["security-group"]].toSorted(
		([, a], [, b]) => Number(b.groupName === "default") - Number(a.groupName === "default"),
	);
	const world: World = {
		account,
		images: records.image,
		instanceProfiles: records["instance-profile"],
		keyPairs: records["key-pair"],
		vpcs: records.vpc,
		// AWS: a launch that names no subnet is one into the default VPC, and one without groups gets that VPC's own.
		subnets: inDefault(records.subnet),
		securityGroups: new Map(groups),
		addresses: new Map(),
		defaultImageId: "",
	};
	for (const instance of records.instance.values()) {
		for (const key of addressKeys(instance, world)) world.addresses.set(key, instance.instanceId);
	}
	return world;
}
