import { listAttachedPolicies } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const ListAttachedRolePolicies: IamOperation<"ListAttachedRolePolicies"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => listAttachedPolicies({ kind: "role", name: input.RoleName }, input, call),
};
