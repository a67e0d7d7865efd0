// The policies that are one role's or one user's own.

import type { InlinePolicy } from "../../../../model/iam.ts";
import { limitExceeded, noSuchInlinePolicy } from "../../../iam-errors.ts";
import type { Call } from "../../../operation.ts";
import { changeHolder, holderOf, type HolderName } from "./holders.ts";
import { checkName } from "./names.ts";
import { type MarkedPage, markedPage } from "./pages.ts";
import { checkedPolicy, encodedDocument, policySize } from "../../../access/policy-documents.ts";

/** AWS: characters of all of them together (IAM guide, "IAM and AWS STS quotas"). */
const SIZE_MAX = { role: 10_240, user: 2_048 };

/** Puts a policy, in place of the one of that name if there is one. */
export async function putInlinePolicy(
	holder: HolderName,
	{ PolicyName, PolicyDocument }: { readonly PolicyName: string; readonly PolicyDocument: string },
	call: Call,
): Promise<void> {
	holderOf(holder, call.records);
	checkName("policyName", PolicyName);
	checkedPolicy(PolicyDocument, "identity");
	await changeHolder(holder, call, (before) => {
		const others = (before.inlinePolicies ?? []).filter(({ policyName }) => policyName !== PolicyName);
		const inlinePolicies = [...others, { policyName: PolicyName, policyDocument: PolicyDocument }];
		const size = inlinePolicies.reduce((sum, { policyDocument }) => sum + policySize(policyDocument), 0);
		const max = SIZE_MAX[holder.kind];
		if (size > max) throw limitExceeded(`Maximum policy size of ${max} bytes exceeded for ${holder.kind} ${holder.name}`);
		return { ...before, inlinePolicies };
	});
}

export function getInlinePolicy(
	holder: HolderName,
	policyName: string,
	call: Call,
): { readonly PolicyName: string; readonly PolicyDocument: string } {
	const { policyDocument } = inlinePolicyOf(holder, holderOf(holder, call.records).inlinePolicies, policyName);
	return { PolicyName: policyName, PolicyDocument: encodedDocument(policyDocument) };
}

export function listInlinePolicies(holder: HolderName, request: MarkedPage, call: Call) {
	const { inlinePolicies = [] } = holderOf(holder, call.records);
	const { items: PolicyNames, ...page } = markedPage(
		inlinePolicies.map(({ policyName }) => policyName),
		request,
		(policyName) => policyName,
	);
	return { PolicyNames, ...page };
}

export async function deleteInlinePolicy(holder: HolderName, policyName: string, call: Call): Promise<void> {
	await changeHolder(holder, call, (before) => {
		const policy = inlinePolicyOf(holder, before.inlinePolicies, policyName);
		return { ...before, inlinePolicies: (before.inlinePolicies ?? []).filter((each) => each !== policy) };
	});
}

function inlinePolicyOf({ kind }: HolderName, inlinePolicies: readonly InlinePolicy[] = [], policyName: string): InlinePolicy {
	const policy = inlinePolicies.find((each) => each.policyName === policyName);
	if (policy === undefined) throw noSuchInlinePolicy(kind, policyName);
	return policy;
}
