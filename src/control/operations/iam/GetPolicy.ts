import { describedPolicy } from "./entities/descriptions.ts";
import type { IamOperation } from "./iam-operation.ts";
import { policyNeeds, policyOf } from "./entities/own-policies.ts";

export const GetPolicy: IamOperation<"GetPolicy"> = {
	access: ({ PolicyArn }, call) => policyNeeds(PolicyArn, call),
	run: ({ PolicyArn }, call) => ({ Policy: describedPolicy(policyOf(PolicyArn, call.records, call), call.records) }),
};
