// From what a request says of who signed it to who signed it (control-apis.md §3.7).

import { EC2_INSTANCE_ROLE, type VerifiedSession } from "../../identity/role-credentials.ts";
import { iamArn, nameOfArn, type Role } from "../../model/iam.ts";
import type { Instance } from "../../model/instance.ts";
import { partitionOf } from "../../model/region.ts";
import type { PresentedCredential } from "../../sigv4/credential.ts";
import type { Credentials } from "./credentials.ts";
import type { Records } from "../inventory.ts";
import { accountPrincipal, type Principal } from "./principal.ts";

/** A principal, and the secret that its signature must be made with. Nobody is authenticated before it was checked. */
export interface Claimant {
	readonly principal: Principal;
	readonly secretAccessKey: string;
}

/** `unknown`: no such key, or an inactive one, or a session that is no more; `expired`: a session that was. */
export type ClaimRefusal = "unknown" | "expired";

/** Whose credential it would be. */
export function claimantOf(
	{ accessKeyId, sessionToken }: PresentedCredential,
	credentials: Credentials,
	records: Records,
	nowMs: number,
): Claimant | ClaimRefusal {
	const account = records.account.get("default");
	if (account === undefined) return "unknown";
	const { accountId } = account;
	const { partition } = partitionOf(account.region);
	if (sessionToken !== undefined) {
		const session = credentials.issuer.verify(accessKeyId, sessionToken, nowMs);
		if (session === "expired") return "expired";
		if (typeof session === "string") return "unknown";
		const principal = sessionPrincipal(session, records, partition);
		return principal === undefined ? "unknown" : { principal, secretAccessKey: session.secretAccessKey };
	}
	if (accessKeyId === credentials.rootKey.accessKeyId) {
		return { principal: accountPrincipal(account), secretAccessKey: credentials.rootKey.secretAccessKey };
	}
	for (const user of records.user.values()) {
		const key = user.accessKeys.find((each) => each.accessKeyId === accessKeyId);
		if (key === undefined) continue;
		if (key.status !== "Active") return "unknown";
		const arn = iamArn(partition, accountId, "user", user.path, user.userName);
		const { userName, userId, tags = [] } = user;
		const principal = { type: "User", arn, principalArn: arn, userId, accountId, userName, tags } as const;
		return { principal, secretAccessKey: key.secretAccessKey ?? credentials.secretOf(accessKeyId) };
	}
	return "unknown";
}

/** The holder of temporary credentials, as long as what they were given for is there. */
function sessionPrincipal(session: VerifiedSession, records: Records, partition: string): Principal | undefined {
	const { accountId, roleArn, roleId, instanceId, issuedAtMs, policies, tags = [] } = session;
	if (accountId !== records.account.get("default")?.accountId) return undefined;
	const instance = instanceId === undefined ? undefined : records.instance.get(instanceId);
	const sessionName = session.sessionName ?? instanceId ?? "";
	if (roleArn === EC2_INSTANCE_ROLE) {
		// AWS: the identity of the instance itself, whom no policy allows anything (metadata-endpoint.md §4.5).
		if (instance === undefined || !isAlive(instance)) return undefined;
		const arn = `arn:${partition}:sts::${accountId}:assumed-role/aws:ec2-instance/${sessionName}`;
		const userId = `${accountId}:aws:ec2-instance:${sessionName}`;
		return {
			type: "AssumedRole",
			arn,
			principalArn: arn,
			userId,
			accountId,
			tags: [],
			session: { sessionName, issuedAtMs, ...delivered(session) },
		};
	}
	const role = records.role.get(nameOfArn(roleArn));
	if (role === undefined || arnOf(role, accountId, partition) !== roleArn || (roleId !== undefined && role.roleId !== roleId))
		return undefined;
	if (instanceId !== undefined && !(instance !== undefined && isAlive(instance) && holds(instance, role, records, partition)))
		return undefined;
	return {
		type: "AssumedRole",
		arn: `arn:${partition}:sts::${accountId}:assumed-role/${role.roleName}/${sessionName}`,
		principalArn: roleArn,
		userId: `${role.roleId}:${sessionName}`,
		accountId,
		roleName: role.roleName,
		tags: [...(role.tags ?? []).filter(({ key }) => !tags.some((tag) => tag.key === key)), ...tags],
		session: { sessionName, issuedAtMs, ...(policies && { policies }), ...delivered(session) },
	};
}

function delivered({ instanceArn, delivery, vpcId, privateIp }: VerifiedSession): Pick<NonNullable<Principal["session"]>, "instance"> {
	if (instanceArn === undefined || delivery === undefined) return {};
	return { instance: { instanceArn, delivery, ...(vpcId !== undefined && { vpcId }), ...(privateIp !== undefined && { privateIp }) } };
}

function isAlive({ state }: Instance): boolean {
	return state !== "terminated";
}

/** Whether an instance's profile still gives it a role: what was delivered ends with that (control-apis.md §3.5). */
function holds({ iamInstanceProfile }: Instance, role: Role, records: Records, partition: string): boolean {
	const accountId = records.account.get("default")?.accountId ?? "";
	const arn = iamInstanceProfile?.arn ?? "";
	const profile = records["instance-profile"].get(nameOfArn(arn));
	if (profile?.roleName !== role.roleName) return false;
	return iamArn(partition, accountId, "instance-profile", profile.path, profile.instanceProfileName) === arn;
}

function arnOf({ path, roleName }: Role, accountId: string, partition: string): string {
	return iamArn(partition, accountId, "role", path, roleName);
}
