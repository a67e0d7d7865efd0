import { entityNeed } from "./entities/entities.ts";
import { getInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const GetRolePolicy: IamOperation<"GetRolePolicy"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => ({ RoleName: input.RoleName, ...getInlinePolicy({ kind: "role", name: input.RoleName }, input.PolicyName, call) }),
};
