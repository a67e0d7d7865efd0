// The condition keys that every request has (control-apis.md §3.1).

import type { Account } from "../../model/account.ts";
import { timestamp } from "../../model/timestamp.ts";
import type { Principal } from "./principal.ts";

/** What is known of a request beside who signed it. */
export interface RequestFacts {
	/** `ec2`, `sts`, … */
	readonly service: string;
	readonly sourceIp: string;
	readonly userAgent: string | undefined;
	readonly nowMs: number;
}

/** The condition keys; those that don't apply are absent. */
export function requestContext(principal: Principal, account: Account, facts: RequestFacts): Readonly<Record<string, string>> {
	const { session } = principal;
	const context: Record<string, string | undefined> = {
		"aws:PrincipalArn": principal.principalArn,
		"aws:PrincipalAccount": principal.accountId,
		"aws:PrincipalType": principal.type,
		"aws:PrincipalOrgID": account.organization?.organizationId,
		...Object.fromEntries(principal.tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value])),
		"aws:userid": principal.userId,
		"aws:username": principal.userName,
		"aws:RequestedRegion": account.region,
		"ec2:Region": facts.service === "ec2" ? account.region : undefined,
		"aws:SourceIp": facts.sourceIp,
		// Gap: TLS is a proxy's business, which nobody tells us of.
		"aws:SecureTransport": "false",
		"aws:UserAgent": facts.userAgent,
		"aws:CurrentTime": timestamp(facts.nowMs),
		"aws:EpochTime": String(Math.floor(facts.nowMs / 1000)),
		"aws:ViaAWSService": "false",
		"aws:TokenIssueTime": session && timestamp(session.issuedAtMs),
		// AWS: absent where long-term keys sign.
		"aws:MultiFactorAuthPresent": session && "false",
		"ec2:RoleDelivery": session?.instance?.delivery,
		"ec2:SourceInstanceARN": session?.instance?.instanceArn,
		"aws:Ec2InstanceSourceVpc": session?.instance?.vpcId,
		"aws:Ec2InstanceSourcePrivateIPv4": session?.instance?.privateIp,
	};
	return Object.fromEntries(Object.entries(context).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
