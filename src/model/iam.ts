import type { Tag } from "./tag.ts";
import type { Timestamp } from "./timestamp.ts";

/** What says what a role or a user may do. */
export interface PolicyHolder {
	readonly inlinePolicies?: readonly InlinePolicy[];
	readonly attachedPolicyArns?: readonly string[];
	/** The ARN of the managed policy that bounds what the others allow. */
	readonly permissionsBoundary?: string;
	readonly tags?: readonly Tag[];
	readonly createDate?: Timestamp;
}

/** A policy that is one role's or one user's own. */
export interface InlinePolicy {
	readonly policyName: string;
	/** JSON, as it was given. */
	readonly policyDocument: string;
}

/** A role that instances and callers may take. */
export interface Role extends PolicyHolder {
	readonly roleName: string;
	readonly roleId: string;
	readonly path: string;
	readonly description?: string;
	/** 3600–43200; missing: 3600. */
	readonly maxSessionDurationSeconds?: number;
	/** Who may assume it. Missing: EC2 may. */
	readonly assumeRolePolicyDocument?: PolicyDocument;
	/** Handed out as they are instead of credentials of our own making. */
	readonly credentials?: FixedCredentials;
}

/** Somebody, or some program, with access keys of its own. */
export interface User extends PolicyHolder {
	readonly userName: string;
	readonly userId: string;
	readonly path: string;
	readonly accessKeys: readonly AccessKey[];
}

export interface AccessKey {
	readonly accessKeyId: string;
	readonly status: "Active" | "Inactive";
	readonly createDate: Timestamp;
	/** Missing: it follows from the id and the service's secret. */
	readonly secretAccessKey?: string;
}

/** A customer-managed policy. */
export interface ManagedPolicy {
	readonly policyName: string;
	readonly policyId: string;
	readonly path: string;
	readonly description?: string;
	/** Oldest first; five at most. */
	readonly versions: readonly PolicyVersion[];
	/** How many versions it has had, gone ones too; missing: as many as its newest says. */
	readonly versionsEver?: number;
	readonly defaultVersionId: string;
	readonly createDate: Timestamp;
	readonly updateDate: Timestamp;
	readonly tags?: readonly Tag[];
}

export interface PolicyVersion {
	/** `v1`, `v2`, …; no number is given twice. */
	readonly versionId: string;
	/** JSON, as it was given. */
	readonly policyDocument: string;
	readonly createDate: Timestamp;
}

/** Credentials that somebody else issued. */
export interface FixedCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	/** Missing: said to expire six hours after each hourly refresh. */
	readonly expiration?: string;
}

/** A trust policy; iam/ reads it. */
export interface PolicyDocument {
	readonly Statement: readonly PolicyStatement[] | PolicyStatement;
	readonly [other: string]: unknown;
}

interface PolicyStatement {
	readonly Effect: "Allow" | "Deny";
	readonly [other: string]: unknown;
}

/** Who may assume a role that does not say so itself. */
export const EC2_TRUST_POLICY: PolicyDocument = {
	Version: "2012-10-17",
	Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/** What an instance is launched with; it holds one role at most. */
export interface InstanceProfile {
	readonly instanceProfileName: string;
	readonly instanceProfileId: string;
	readonly path: string;
	readonly roleName?: string;
	readonly createDate?: Timestamp;
	readonly tags?: readonly Tag[];
}

/** The ARN of an IAM resource of this account. */
export function iamArn(
	partition: string,
	accountId: string,
	type: "role" | "instance-profile" | "user" | "policy",
	path: string,
	name: string,
): string {
	return `arn:${partition}:iam::${accountId}:${type}${path}${name}`;
}

/** The last part of an IAM resource's ARN: its name, whatever its path. */
export function nameOfArn(arn: string): string {
	return arn.slice(arn.lastIndexOf("/") + 1);
}
