import { listAttachedPolicies } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const ListAttachedUserPolicies: IamOperation<"ListAttachedUserPolicies"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => listAttachedPolicies({ kind: "user", name: input.UserName }, input, call),
};
