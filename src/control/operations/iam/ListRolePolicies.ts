import { entityNeed } from "./entities/entities.ts";
import { listInlinePolicies } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const ListRolePolicies: IamOperation<"ListRolePolicies"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => listInlinePolicies({ kind: "role", name: input.RoleName }, input, call),
};
