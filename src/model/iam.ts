/** A role that instances may take; what its policies allow is the control plane's business. */
export interface Role {
	readonly roleName: string;
	readonly roleId: string;
	readonly path: string;
	/** Who may assume it. Missing: EC2 may. */
	readonly assumeRolePolicyDocument?: PolicyDocument;
	/** Handed out as they are instead of credentials of our own making. */
	readonly credentials?: FixedCredentials;
}

/** Credentials that somebody else issued. */
export interface FixedCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	/** Missing: said to expire six hours after each hourly refresh. */
	readonly expiration?: string;
}

/** An IAM policy as far as a trust policy is read here. */
export interface PolicyDocument {
	readonly Statement: readonly PolicyStatement[] | PolicyStatement;
	readonly [other: string]: unknown;
}

interface PolicyStatement {
	readonly Effect: "Allow" | "Deny";
	readonly Principal?: unknown;
	readonly Action?: string | readonly string[];
	readonly [other: string]: unknown;
}

/** What an instance is launched with; it holds one role at most. */
export interface InstanceProfile {
	readonly instanceProfileName: string;
	readonly instanceProfileId: string;
	readonly path: string;
	readonly roleName?: string;
}

/** The ARN of an IAM resource of this account. */
export function iamArn(partition: string, accountId: string, type: "role" | "instance-profile", path: string, name: string): string {
	return `arn:${partition}:iam::${accountId}:${type}${path}${name}`;
}

/**
 * Whether EC2 may assume the role: some statement allows `sts:AssumeRole` to `ec2.amazonaws.com` and none denies it.
 *
 * Gap: conditions in trust policies are not evaluated here.
 */
export function trustsEc2(role: Role): boolean {
	if (role.assumeRolePolicyDocument === undefined) return true;
	const statements = [role.assumeRolePolicyDocument.Statement].flat().filter(namesEc2);
	return statements.some(({ Effect }) => Effect === "Allow") && statements.every(({ Effect }) => Effect !== "Deny");
}

function namesEc2(statement: PolicyStatement): boolean {
	const actions = [statement.Action ?? []].flat();
	const principal = statement.Principal;
	const services = principal === "*" ? ["*"] : [(principal as { Service?: string | string[] } | undefined)?.Service ?? []].flat();
	return actions.some(coversAssumeRole) && services.some((service) => service === "*" || /^ec2\.amazonaws\.com(\.cn)?$/.test(service));
}

/** Whether an action of a policy, in which `*` stands for any characters and `?` for one, is `sts:AssumeRole` or more. */
function coversAssumeRole(action: string): boolean {
	const pattern = action
		.replace(/[\\^$.|+()[\]{}]/g, "\\$&")
		.replace(/\*+/g, ".*")
		.replaceAll("?", ".");
	return new RegExp(`^${pattern}$`, "i").test("sts:AssumeRole");
}
