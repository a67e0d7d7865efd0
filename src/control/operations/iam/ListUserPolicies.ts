import { entityNeed } from "./entities/entities.ts";
import { listInlinePolicies } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const ListUserPolicies: IamOperation<"ListUserPolicies"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => listInlinePolicies({ kind: "user", name: input.UserName }, input, call),
};
