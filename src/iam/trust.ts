import { EC2_TRUST_POLICY, type Role } from "../model/iam.ts";
import { type AccessRequest, foldedKeys } from "./access-request.ts";
import { parsePolicy, type Policy, PolicyError } from "./policy.ts";
import type { Principal } from "./principal.ts";
import { askResource } from "./resource-policy.ts";

/**
 * What a trust policy says to somebody who wants to assume the role: `principal`: yes; `account`: yes, if the policies of its own account
 * allow it `sts:AssumeRole` as well; `none`: it does not trust them; `denied`: it refuses them, whatever else allows it.
 */
export type Trust = "principal" | "account" | "none" | "denied";

/** EC2, when it takes a role for an instance; in China it has a name of its own beside that. */
const EC2_SERVICES: readonly Principal[] = [{ service: "ec2.amazonaws.com" }, { service: "ec2.amazonaws.com.cn" }];

/**
 * Asks a role's trust policy about `sts:AssumeRole`, conditions included.
 *
 * @param policy read as kind `trust`
 * @param context as in an {@link AccessRequest}: `sts:ExternalId`, `aws:SourceAccount` …
 */
export function trustOf(policy: Policy, principal: Principal, context: AccessRequest["context"]): Trust {
	const asked = { action: "sts:AssumeRole", resource: "*", context: foldedKeys(context) };
	const { denials, allowedAs } = askResource([policy], asked, principal);
	return denials.length > 0 ? "denied" : (allowedAs ?? "none");
}

/**
 * Whether EC2 may take a role for an instance. A trust policy that can't be read trusts nobody.
 *
 * @param sourceArn the instance's.
 */
export function trustsEc2({ assumeRolePolicyDocument: document = EC2_TRUST_POLICY }: Role, accountId: string, sourceArn: string): boolean {
	const context = new Map([
		["aws:SourceAccount", [accountId]],
		["aws:SourceArn", [sourceArn]],
	]);
	let policy: Policy;
	try {
		policy = parsePolicy(document, "trust");
	} catch (error) {
		if (error instanceof PolicyError) return false;
		throw error;
	}
	return EC2_SERVICES.some((service) => trustOf(policy, service, context) === "principal");
}
