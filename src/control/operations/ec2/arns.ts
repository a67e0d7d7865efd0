// The ARNs that EC2's operations are authorized on (control-apis.md §3.2).

import type { Call } from "../../operation.ts";

/**
 * The ARN of a resource of EC2.
 *
 * @param type as in ARNs: `instance`, `launch-template`, `volume`, …
 * @param id `*` for one that is yet to be made.
 */
export function ec2Arn({ account, partition }: Pick<Call, "account" | "partition">, type: string, id: string): string {
	// AWS: images and snapshots may be shared, and have no account in their ARNs.
	const owner = type === "image" || type === "snapshot" ? "" : account.accountId;
	return `arn:${partition}:ec2:${account.region}:${owner}:${type}/${id}`;
}

/** The condition keys of a resource's tags. */
export function tagContext(tags: readonly { readonly key: string; readonly value: string }[] = []): Readonly<Record<string, string>> {
	return Object.fromEntries(
		tags.flatMap(({ key, value }) => [
			[`aws:ResourceTag/${key}`, value],
			[`ec2:ResourceTag/${key}`, value],
		]),
	);
}
