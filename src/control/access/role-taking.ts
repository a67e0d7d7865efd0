// Whether somebody may take a role: the role's trust policy and the caller's own policies together.

import { foldedKeys } from "../../iam/access-request.ts";
import { denialReason } from "../../iam/denial.ts";
import { evaluate } from "../../iam/evaluate.ts";
import type { Policy } from "../../iam/policy.ts";
import { askResource } from "../../iam/resource-policy.ts";
import { EC2_TRUST_POLICY, type Role } from "../../model/iam.ts";
import type { AccessNeed, Call } from "../operation.ts";
import { parsedPolicy, policySetOf } from "./principal-policies.ts";

/** What is to be allowed, on the role's ARN: `sts:AssumeRole`, `sts:TagSession` … */
export type RoleNeed = AccessNeed & { readonly action: string };

/**
 * Why the caller may not do something with a role, in AWS's words; `undefined`: it may.
 *
 * AWS, within one account: a trust policy that names the caller is enough, as long as none of its limits (boundary, session policies,
 * service control policies) is against it; one that names the account leaves it to the caller's own policies.
 *
 * @param role missing: there is none, which nobody is told.
 */
export function refusalToTake(role: Role | undefined, need: RoleNeed, call: Call): string | undefined {
	const trust = role && parsedPolicy(JSON.stringify(role.assumeRolePolicyDocument ?? EC2_TRUST_POLICY), "trust");
	const reason = trust === undefined ? "" : denial(trust, need, call);
	if (reason === undefined) return undefined;
	return `User: ${call.principal.arn} is not authorized to perform: ${need.action} on resource: ${need.resource} ${reason}`.trimEnd();
}

/** AWS gives a reason only where something denies it. */
function denial(
	trust: Policy,
	{ action, resource, context: own }: RoleNeed,
	{ principal, records, account, context: all }: Call,
): string | undefined {
	const context = new Map(
		Object.entries({ ...all, ...own }).flatMap(([key, value]) => (value === undefined ? [] : [[key, [value].flat()] as const])),
	);
	const who = {
		accountId: principal.accountId,
		arns: [...new Set([principal.arn, principal.principalArn])],
		// The id of a session begins with its role's.
		ids: [principal.userId, principal.userId.replace(/:.*$/, "")],
	};
	const decision = evaluate(
		{ action, resource, context, principal: who },
		{ ...policySetOf(principal, records, account), resource: [trust] },
	);
	if (!decision.allowed) return decision.explicitDeny ? denialReason(decision, action) : "";
	// The caller's own policies alone open no role.
	const { allowedAs } = askResource([trust], { action, resource, context: foldedKeys(context) }, who);
	return allowedAs === undefined ? "" : undefined;
}
