// What stands below iam/ and identity-credentials/ (metadata-endpoint.md §4).

import {
	identityCredentialsInfoDocument,
	instanceProfileInfoDocument,
	missingInstanceProfileDocument,
	roleCredentialsDocument,
	unauthorizedRoleDocument,
} from "../identity/credential-documents.ts";
import { type CredentialPeriod, credentialPeriod } from "../identity/credential-period.ts";
import { EC2_INSTANCE_ROLE } from "../identity/role-credentials.ts";
import { trustsEc2 } from "../iam/trust.ts";
import { iamArn, type Role } from "../model/iam.ts";
import { partitionOf } from "../model/region.ts";
import { epochMs, timestamp } from "../model/timestamp.ts";
import type { Delivery, LeafTraits } from "./leaf.ts";
import type { View } from "./view.ts";

/** `iam/info`; nothing without a profile. */
export function profileInfo(view: View): string | undefined {
	const { instance, profile, role } = view;
	if (instance.iamInstanceProfile === undefined) return undefined;
	const { arn } = instance.iamInstanceProfile;
	const lastUpdated = timestamp(rolePeriod(view).issuedAtMs);
	if (profile === undefined) return missingInstanceProfileDocument(arn.slice(arn.lastIndexOf("/") + 1), lastUpdated);
	return instanceProfileInfoDocument({ arn, id: profile.instanceProfileId, hasRole: role !== undefined }, lastUpdated);
}

/** `iam/security-credentials/{role}`: a set for each delivery, or the reason why there is none. */
export function roleCredentials(role: Role, view: View, delivery: Delivery): string {
	const period = rolePeriod(view);
	const lastUpdated = timestamp(period.issuedAtMs);
	if (!trustsEc2(role, view.account.accountId, instanceArn(view))) return unauthorizedRoleDocument(role.roleName, lastUpdated);
	if (role.credentials !== undefined) {
		const expiration = role.credentials.expiration ?? timestamp(period.expiresAtMs);
		return roleCredentialsDocument({ ...role.credentials, lastUpdated, expiration });
	}
	const { accountId, region } = view.account;
	const roleArn = iamArn(partitionOf(region).partition, accountId, "role", role.path, role.roleName);
	return issuedCredentials(view, { roleArn, roleId: role.roleId }, period, delivery);
}

/** `identity-credentials/ec2/info` */
export function identityInfo(view: View): string {
	return identityCredentialsInfoDocument(view.account.accountId, timestamp(identityPeriod(view).issuedAtMs));
}

/** `identity-credentials/ec2/security-credentials/ec2-instance`: the role every instance has, which may do nothing. */
export function identityRole(view: View, delivery: Delivery): string {
	return issuedCredentials(view, { roleArn: EC2_INSTANCE_ROLE }, identityPeriod(view), delivery);
}

/** Traits of the leaves that are refreshed with the profile's role. */
export function ofRole(view: View): LeafTraits {
	return { refreshedAt: timestamp(rolePeriod(view).issuedAtMs) };
}

/** Traits of the leaves that are refreshed with the instance identity role. */
export function ofIdentityRole(view: View): LeafTraits {
	return { refreshedAt: timestamp(identityPeriod(view).issuedAtMs) };
}

/** When the credentials of a view were refreshed: its clock, or a little before. */
export function lastRefreshMs(view: View): number {
	return Math.max(rolePeriod(view).issuedAtMs, identityPeriod(view).issuedAtMs);
}

/** When the next credentials of a view are due. */
export function nextRefreshMs(view: View): number {
	return Math.min(rolePeriod(view).nextRefreshAtMs, identityPeriod(view).nextRefreshAtMs);
}

function rolePeriod({ instance, nowMs }: View): CredentialPeriod {
	const { launchTime, iamInstanceProfile } = instance;
	const anchorMs = Math.max(epochMs(launchTime), epochMs(iamInstanceProfile?.associatedAt ?? launchTime));
	return credentialPeriod(anchorMs, nowMs, `${instance.instanceId}\nrole`);
}

function identityPeriod({ instance, nowMs }: View): CredentialPeriod {
	return credentialPeriod(epochMs(instance.launchTime), nowMs, `${instance.instanceId}\nidentity`);
}

function issuedCredentials(
	view: View,
	role: { roleArn: string; roleId?: string },
	{ issuedAtMs, expiresAtMs }: CredentialPeriod,
	delivery: Delivery,
): string {
	const { account, instance, interfaces, issuer } = view;
	const claims = {
		...role,
		accountId: account.accountId,
		instanceArn: instanceArn(view),
		instanceId: instance.instanceId,
		delivery,
		vpcId: interfaces[0]?.vpc.vpcId,
		privateIp: interfaces[0]?.privateIpAddresses[0]?.privateIpAddress,
	};
	return roleCredentialsDocument(issuer.issue(claims, issuedAtMs, expiresAtMs));
}

function instanceArn({ account: { accountId, region }, instance }: View): string {
	return `arn:${partitionOf(region).partition}:ec2:${region}:${accountId}:instance/${instance.instanceId}`;
}
