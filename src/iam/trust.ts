import { type AccessRequest, foldedKeys } from "./access-request.ts";
import type { Policy } from "./policy.ts";
import type { Principal } from "./principal.ts";
import { askResource } from "./resource-policy.ts";

/**
 * What a trust policy says to somebody who wants to assume the role: `principal`: yes; `account`: yes, if the policies of its own account
 * allow it `sts:AssumeRole` as well; `none`: it does not trust them; `denied`: it refuses them, whatever else allows it.
 */
export type Trust = "principal" | "account" | "none" | "denied";

/** EC2, when it takes a role for an instance. */
export const EC2_SERVICE: Principal = { service: "ec2.amazonaws.com" };

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
