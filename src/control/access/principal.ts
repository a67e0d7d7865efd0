// Who signed a request.

import type { Account } from "../../model/account.ts";
import { partitionOf } from "../../model/region.ts";
import type { Tag } from "../../model/tag.ts";

/** Somebody whose signature was found to be good. */
export interface Principal {
	readonly type: "Account" | "User" | "AssumedRole";
	/** `arn:aws:iam::A:root`, `arn:aws:iam::A:user/U` or `arn:aws:sts::A:assumed-role/R/SESSION`. */
	readonly arn: string;
	/** The account's id, `AIDA…`, or `AROA…:SESSION`. */
	readonly userId: string;
	readonly accountId: string;
	/** What `aws:PrincipalArn` says: the ARN, but for a session that of its role. */
	readonly principalArn: string;
	/** Whose policies count, by name; neither for the account itself. */
	readonly userName?: string;
	readonly roleName?: string;
	readonly tags: readonly Tag[];
	/** Missing for long-term keys. */
	readonly session?: Session;
}

/** What temporary credentials say about their holder. */
export interface Session {
	readonly sessionName: string;
	readonly issuedAtMs: number;
	/** Session policies: JSON, or the ARN of a managed one. */
	readonly policies?: readonly string[];
	/** Where credentials of an instance were delivered, and how. */
	readonly instance?: {
		readonly instanceArn: string;
		readonly delivery: "1.0" | "2.0";
		readonly vpcId?: string;
		readonly privateIp?: string;
	};
}

/** The account itself, whom all is allowed that service control policies leave it. */
export function accountPrincipal({ accountId, region }: Account): Principal {
	const arn = `arn:${partitionOf(region).partition}:iam::${accountId}:root`;
	return { type: "Account", arn, principalArn: arn, userId: accountId, accountId, tags: [] };
}
