// Managed policies that are attached to roles and users, and those that bound them.

import type { Account } from "../../../../model/account.ts";
import { notAttachable, noSuchBoundary, noSuchPolicy, quotaExceeded } from "../../../iam-errors.ts";
import type { Records } from "../../../inventory.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { policyOfArn } from "../../../access/policy-lookup.ts";
import { entityNeed } from "./entities.ts";
import { changeHolder, holderOf, type HolderName } from "./holders.ts";
import { checkedPathPrefix, checkPolicyArn } from "./names.ts";
import { type MarkedPage, markedPage } from "./pages.ts";

/** AWS: unless somebody asked for more (IAM guide, "IAM and AWS STS quotas"). */
const ATTACHED_MAX = 10;
const QUOTA = { role: "PoliciesPerRole", user: "PoliciesPerUser" };

/** The need to attach a policy, or to take it away: policies may say which. */
export function attachmentNeeds({ kind, name }: HolderName, policyArn: string, call: Call): readonly AccessNeed[] {
	return [entityNeed(kind, name, call, { "iam:PolicyARN": policyArn })];
}

/** Attaches a policy; one that is attached already stays so. */
export async function attachPolicy(holder: HolderName, policyArn: string, call: Call): Promise<void> {
	// Nobody deletes the policy meanwhile.
	await call.inventory.exclusively(async () => {
		const records = await call.inventory.records();
		holderOf(holder, records);
		checkPolicyArn(policyArn);
		if (policyOfArn(policyArn, records, call.account) === undefined) throw notAttachable(policyArn);
		await changeHolder(holder, call, (before) => {
			const { attachedPolicyArns = [] } = before;
			if (attachedPolicyArns.includes(policyArn)) return before;
			if (attachedPolicyArns.length >= ATTACHED_MAX) throw quotaExceeded(QUOTA[holder.kind], ATTACHED_MAX);
			return { ...before, attachedPolicyArns: [...attachedPolicyArns, policyArn] };
		});
	});
}

export async function detachPolicy(holder: HolderName, policyArn: string, call: Call): Promise<void> {
	holderOf(holder, call.records);
	checkPolicyArn(policyArn);
	await changeHolder(holder, call, (before) => {
		const { attachedPolicyArns = [] } = before;
		if (!attachedPolicyArns.includes(policyArn)) throw noSuchPolicy(policyArn);
		return { ...before, attachedPolicyArns: attachedPolicyArns.filter((arn) => arn !== policyArn) };
	});
}

export function listAttachedPolicies(
	holder: HolderName,
	request: MarkedPage & { readonly PathPrefix?: string | undefined },
	{ records, account }: Call,
) {
	const { attachedPolicyArns = [] } = holderOf(holder, records);
	const pathPrefix = checkedPathPrefix(request.PathPrefix);
	const policies = attachedPolicyArns.flatMap((arn) => policyOfArn(arn, records, account) ?? []);
	const { items, ...page } = markedPage(
		policies.filter(({ policy }) => policy.path.startsWith(pathPrefix)),
		request,
		({ arn, policy }) => `${policy.policyName} ${arn}`,
	);
	return { AttachedPolicies: items.map(({ arn, policy }) => ({ PolicyName: policy.policyName, PolicyArn: arn })), ...page };
}

/** @throws {ApiError} for an ARN that no managed policy has. */
export function checkBoundary(policyArn: string, records: Records, account: Account): void {
	checkPolicyArn(policyArn);
	if (policyOfArn(policyArn, records, account) === undefined) throw noSuchBoundary(policyArn);
}

/** Bounds what a role or a user is allowed. */
export async function putBoundary(holder: HolderName, policyArn: string, call: Call): Promise<void> {
	await call.inventory.exclusively(async () => {
		const records = await call.inventory.records();
		holderOf(holder, records);
		checkBoundary(policyArn, records, call.account);
		await changeHolder(holder, call, (before) => ({ ...before, permissionsBoundary: policyArn }));
	});
}

/** AWS: takes away what is not there, too. */
export async function deleteBoundary(holder: HolderName, call: Call): Promise<void> {
	await changeHolder(holder, call, (before) => {
		const after = { ...before };
		delete (after as { permissionsBoundary?: string }).permissionsBoundary;
		return after;
	});
}
