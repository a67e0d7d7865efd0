// Which policies have a say when somebody asks (control-apis.md §3.4): from records to the evaluator's policies.

import type { PolicySet } from "../../iam/evaluate.ts";
import { parsePolicy, type Policy } from "../../iam/policy.ts";
import type { PolicyKind } from "../../iam/policy-kind.ts";
import type { Account } from "../../model/account.ts";
import type { PolicyHolder } from "../../model/iam.ts";
import type { Records } from "../inventory.ts";
import { defaultDocument, policyOfArn } from "./policy-lookup.ts";
import type { Principal } from "./principal.ts";

/**
 * The policies of whoever signed a request, as they are now.
 *
 * The account itself is allowed all that service control policies leave it; the identity of an instance (`aws:ec2-instance`) nothing.
 */
export function policySetOf(principal: Principal, records: Records, account: Account): PolicySet {
	const serviceControl = serviceControlPolicies(account);
	if (principal.type === "Account") return { serviceControl, identity: [EVERYTHING] };
	const holder = holderOf(principal, records);
	const session = principal.session?.policies?.map((policy) => sessionPolicy(policy, records, account));
	return { serviceControl, session, ...(holder === undefined ? { identity: [] } : holderPolicies(holder, records, account)) };
}

/** The policies of a role or a user: its own and those attached to it, and its boundary. */
export function holderPolicies(holder: PolicyHolder, records: Records, account: Account): Pick<PolicySet, "identity" | "boundary"> {
	const { inlinePolicies = [], attachedPolicyArns = [], permissionsBoundary } = holder;
	return {
		identity: [
			...inlinePolicies.map(({ policyDocument }) => parsedPolicy(policyDocument, "identity")),
			// What is attached and gone is nothing.
			...attachedPolicyArns.flatMap((arn) => managedPolicy(arn, "identity", records, account) ?? []),
		],
		// A boundary that is gone leaves nothing within it.
		boundary:
			permissionsBoundary === undefined
				? undefined
				: { arn: permissionsBoundary, policy: managedPolicy(permissionsBoundary, "boundary", records, account) ?? NOTHING },
	};
}

/** The policies of the account's organization, level by level. AWS: they don't bind its management account. */
export function serviceControlPolicies({ organization }: Account): PolicySet["serviceControl"] {
	if (organization === undefined || organization.managementAccount === true) return [];
	return organization.serviceControlPolicies.map((level) =>
		level.map(({ policyDocument }) => parsedPolicy(policyDocument, "service-control")),
	);
}

/**
 * A policy that was found to be good when it was stored, read once.
 *
 * @throws {PolicyError} where it is not: leaving out what might deny something would be worse.
 */
export function parsedPolicy(document: string, kind: PolicyKind): Policy {
	const key = `${kind} ${document}`;
	const known = parsed.get(key);
	if (known !== undefined) return known;
	const policy = parsePolicy(document, kind);
	if (parsed.size >= PARSED_MAX) parsed.delete(parsed.keys().next().value ?? "");
	parsed.set(key, policy);
	return policy;
}

/** Far above what an account's active callers have; at most some ten megabytes. */
const PARSED_MAX = 1024;

const parsed = new Map<string, Policy>();

const EVERYTHING = parsePolicy({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } }, "identity");

const NOTHING: Policy = { version: "2012-10-17", statements: [] };

function holderOf({ userName, roleName }: Principal, records: Records): PolicyHolder | undefined {
	if (userName !== undefined) return records.user.get(userName);
	return roleName === undefined ? undefined : records.role.get(roleName);
}

function managedPolicy(arn: string, kind: PolicyKind, records: Records, account: Account): Policy | undefined {
	const found = policyOfArn(arn, records, account);
	return found && parsedPolicy(defaultDocument(found.policy), kind);
}

/** A session carries the text of its own policy, and the ARNs of managed ones. */
function sessionPolicy(policy: string, records: Records, account: Account): Policy {
	return policy.startsWith("arn:") ? (managedPolicy(policy, "session", records, account) ?? NOTHING) : parsedPolicy(policy, "session");
}
