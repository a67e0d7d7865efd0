// One question of a simulation, and its answer.

import { type AccessRequest, foldedKeys } from "../../iam/access-request.ts";
import { evaluate, type PolicySet } from "../../iam/evaluate.ts";
import type { Policy } from "../../iam/policy.ts";
import { matchingStatements } from "../../iam/statement-match.ts";
import type { IamOperations } from "../models/iam.ts";
import type { NamedPolicy } from "./simulated-policies.ts";

type EvaluationResult = NonNullable<IamOperations["SimulatePrincipalPolicy"]["output"]["EvaluationResults"]>[number];

/** What has a say. */
export interface SimulatedPolicies extends Pick<PolicySet, "serviceControl" | "boundary"> {
	readonly identity: readonly NamedPolicy[];
	readonly inOrganization: boolean;
}

/** The answer, as {@link evaluate} gives it, and what it rests upon. */
export function simulated(
	request: AccessRequest,
	{ identity, boundary, serviceControl, inOrganization }: SimulatedPolicies,
): EvaluationResult {
	const policies = identity.map(({ policy }) => policy);
	const decision = evaluate(request, { serviceControl, boundary, identity: policies });
	const allows = (layer: readonly Policy[]) => evaluate(request, { serviceControl: [], identity: layer }).allowed;
	return {
		EvalActionName: request.action,
		EvalResourceName: request.resource,
		EvalDecision: decision.allowed ? "allowed" : decision.explicitDeny ? "explicitDeny" : "implicitDeny",
		MatchedStatements: matchedStatements(request, identity),
		MissingContextValues: missingKeys([...policies, ...(boundary === undefined ? [] : [boundary.policy])], request),
		...(inOrganization && { OrganizationsDecisionDetail: { AllowedByOrganizations: serviceControl.every(allows) } }),
		...(boundary && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: allows([boundary.policy]) } }),
	};
}

/** The policies of the statements that decide. AWS: only those that deny, if some do. */
function matchedStatements(
	{ action, resource, context }: AccessRequest,
	identity: readonly NamedPolicy[],
): EvaluationResult["MatchedStatements"] {
	const asked = { action, resource, context: foldedKeys(context) };
	const [denying, allowing] = (["Deny", "Allow"] as const).map((effect) =>
		identity.flatMap(({ sourceId, sourceType, policy }) =>
			matchingStatements(policy, effect, asked).map(() => ({ SourcePolicyId: sourceId, SourcePolicyType: sourceType })),
		),
	);
	return denying?.length === 0 ? allowing : denying;
}

/** The condition keys that policies ask for, in conditions and in variables, and that the request gave no value. */
function missingKeys(policies: readonly Policy[], { context }: AccessRequest): readonly string[] {
	const given = foldedKeys(context);
	const asked = policies.flatMap(({ statements }) =>
		statements.flatMap(({ conditions, resources }) => [
			...conditions.map(({ key }) => key),
			...[...conditions.flatMap(({ values }) => values), ...(resources?.patterns ?? [])].flatMap(variableKeys),
		]),
	);
	return [...new Set(asked.filter((key) => !given.has(key.toLowerCase())))].sort();
}

function variableKeys(text: string): readonly string[] {
	return [...text.matchAll(/\$\{([^$*?{}',]+)/g)].map(([, key = ""]) => key.trim());
}
