// Policies with their names, so that a simulation can tell which of them decided.

import type { PolicySet } from "../../iam/evaluate.ts";
import type { PolicyKind } from "../../iam/policy-kind.ts";
import type { Policy } from "../../iam/policy.ts";
import type { PolicyHolder } from "../../model/iam.ts";
import { invalidInput } from "../iam-errors.ts";
import type { PolicySourceType } from "../models/iam.ts";
import type { Call } from "../operation.ts";
import { defaultDocument, policyOfArn } from "./policy-lookup.ts";
import { holderPolicies, parsedPolicy } from "./principal-policies.ts";
import { checkedPolicy } from "./policy-documents.ts";

export interface NamedPolicy {
	readonly sourceId: string;
	readonly sourceType: PolicySourceType;
	readonly policy: Policy;
}

/** The policies of a role or a user. AWS: `user_NAME_POLICY` is one of its own. */
export function identityPolicies(
	{ kind, name }: { readonly kind: "role" | "user"; readonly name: string },
	holder: PolicyHolder,
	{ records, account }: Call,
): readonly NamedPolicy[] {
	const { inlinePolicies = [], attachedPolicyArns = [] } = holder;
	return [
		...inlinePolicies.map(({ policyName, policyDocument }) => ({
			sourceId: `${kind}_${name}_${policyName}`,
			sourceType: kind,
			policy: parsedPolicy(policyDocument, "identity"),
		})),
		...attachedPolicyArns
			.flatMap((arn) => policyOfArn(arn, records, account) ?? [])
			.map(({ policy, keeper }) => ({
				sourceId: policy.policyName,
				sourceType: keeper === "aws" ? ("aws-managed" as const) : ("user-managed" as const),
				policy: parsedPolicy(defaultDocument(policy), "identity"),
			})),
	];
}

/** Policies of the request: `PolicyInputList.1`, … */
export function inputPolicies(parameter: string, documents: readonly string[], kind: PolicyKind): readonly NamedPolicy[] {
	return documents.map((document, index) => ({
		sourceId: `${parameter}.${index + 1}`,
		sourceType: "none",
		policy: checkedPolicy(document, kind),
	}));
}

/** The boundary: the request's, or else the one that is there. AWS: one at most. */
export function boundaryOf(holder: PolicyHolder, documents: readonly string[] = [], { records, account }: Call): PolicySet["boundary"] {
	const parameter = "PermissionsBoundaryPolicyInputList";
	if (documents.length > 1) throw invalidInput(`${parameter} has ${documents.length} policies; one is allowed.`);
	const [given] = inputPolicies(parameter, documents, "boundary");
	return given === undefined ? holderPolicies(holder, records, account).boundary : { arn: given.sourceId, policy: given.policy };
}
