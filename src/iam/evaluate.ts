import { type AccessRequest, foldedKeys } from "./access-request.ts";
import type { Policy } from "./policy.ts";
import { askResource } from "./resource-policy.ts";
import type { Statement } from "./statement.ts";
import { matchingStatements } from "./statement-match.ts";

/** All policies that have a say when somebody asks. */
export interface PolicySet {
	/** For each level, from the root to the account, its policies: each level must allow. Empty: no organization, or its management account. */
	readonly serviceControl: readonly (readonly Policy[])[];
	/** Undefined: there is none. */
	readonly boundary?: { readonly arn: string; readonly policy: Policy } | undefined;
	/** Undefined: no policy was given when the session was made; an empty list allows nothing. */
	readonly session?: readonly Policy[] | undefined;
	readonly identity: readonly Policy[];
	/** Policies of the resource, with principals. */
	readonly resource?: readonly Policy[] | undefined;
}

export type PolicyLayer = "service-control" | "boundary" | "session" | "identity" | "resource";

export type Decision = { readonly allowed: true } | Denial;

export interface Denial {
	readonly allowed: false;
	/** A statement denies it; else nothing allows it. */
	readonly explicitDeny: boolean;
	/** Where it failed first. */
	readonly layer: PolicyLayer;
	/** Of a boundary that denies it. */
	readonly policyArn: string | undefined;
	/** The statements of that layer that deny it. */
	readonly matched: readonly Statement[];
}

/** Policies of which one must allow it. */
interface Layer {
	readonly name: PolicyLayer;
	readonly policies: readonly Policy[];
	readonly policyArn?: string;
}

/**
 * Decides whether policies let somebody do something to a resource (control-apis.md §3.4): a statement that denies it decides; else each
 * level of service control policies must allow it, the boundary, the session's policies, and at last the identity's or the resource's.
 *
 * Gap: resource control policies; and a resource's policy that names a role's session itself, which on AWS needs no boundary to allow it.
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
	const asked = { action: request.action, resource: request.resource, context: foldedKeys(request.context) };
	const limits = limitsOf(policies);
	const identity: Layer = { name: "identity", policies: policies.identity };
	for (const layer of [...limits, identity]) {
		const denials = layer.policies.flatMap((policy) => matchingStatements(policy, "Deny", asked));
		if (denials.length > 0) return denied(layer, denials);
	}
	const resource = request.principal && askResource(policies.resource ?? [], asked, request.principal);
	if (resource !== undefined && resource.denials.length > 0) return denied({ name: "resource", policies: [] }, resource.denials);

	const allows = (layer: Layer) => layer.policies.some((policy) => matchingStatements(policy, "Allow", asked).length > 0);
	const limit = limits.find((layer) => !allows(layer));
	if (limit !== undefined) return denied(limit, []);
	return allows(identity) || resource?.allowedAs === "principal" ? { allowed: true } : denied(identity, []);
}

/** What allows nothing by itself, but must allow it too. */
function limitsOf({ serviceControl, boundary, session }: PolicySet): readonly Layer[] {
	const limits: Layer[] = serviceControl.map((level) => ({ name: "service-control", policies: level }));
	if (boundary !== undefined) limits.push({ name: "boundary", policies: [boundary.policy], policyArn: boundary.arn });
	if (session !== undefined) limits.push({ name: "session", policies: session });
	return limits;
}

function denied({ name, policyArn }: Layer, matched: readonly Statement[]): Denial {
	const explicitDeny = matched.length > 0;
	return { allowed: false, explicitDeny, layer: name, policyArn: explicitDeny ? policyArn : undefined, matched };
}
