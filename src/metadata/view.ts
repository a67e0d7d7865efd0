import type { IdentityKeys } from "../identity/identity-keys.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import type { Account } from "../model/account.ts";
import type { InstanceProfile, Role } from "../model/iam.ts";
import type { Image } from "../model/image.ts";
import { type Instance, privateDnsName } from "../model/instance.ts";
import type { KeyPair } from "../model/key-pair.ts";
import type { NetworkInterface, SecurityGroup, Subnet, Vpc } from "../model/network.ts";
import { publicDnsName } from "../model/region.ts";

/** An instance and all that its metadata is told from, at one moment: the input of one snapshot. */
export interface View {
	readonly instance: Instance;
	readonly account: Account;
	/** Missing: the image is gone; its facts then show their defaults. */
	readonly image: Image | undefined;
	/** By device index; the first is device 0. */
	readonly interfaces: readonly AttachedInterface[];
	readonly keyPairs: readonly KeyPair[];
	/** Missing while no profile is associated, or when the associated one is gone. */
	readonly profile: InstanceProfile | undefined;
	readonly role: Role | undefined;
	readonly identityKeys: IdentityKeys;
	readonly issuer: CredentialIssuer;
	readonly nowMs: number;
}

/** A network interface with what it refers to looked up. */
export interface AttachedInterface extends NetworkInterface {
	readonly subnet: Subnet;
	readonly vpc: Vpc;
	readonly groups: readonly SecurityGroup[];
}

/** The private DNS name of an interface. */
export function localHostname({ instance, account }: View, attached: AttachedInterface): string {
	return privateDnsName(instance, attached, account.region);
}

/** The public DNS name of an interface; none without a public IPv4 address, or where the VPC gives no names. */
export function publicHostname({ account }: View, { privateIpAddresses, vpc }: AttachedInterface): string | undefined {
	const publicIp = privateIpAddresses[0]?.publicIp;
	return publicIp !== undefined && vpc.enableDnsHostnames ? publicDnsName(publicIp, account.region) : undefined;
}
