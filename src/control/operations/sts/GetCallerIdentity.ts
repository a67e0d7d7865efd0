import type { StsOperation } from "./sts-operation.ts";

/** AWS: needs no permission, and no policy can take it away (control-apis.md §2.13). */
export const GetCallerIdentity: StsOperation<"GetCallerIdentity"> = {
	access: () => [],
	run: (_input, { principal }) => ({ UserId: principal.userId, Account: principal.accountId, Arn: principal.arn }),
};
