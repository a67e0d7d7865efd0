import { entityNeed } from "./entities.ts";
import { getInlinePolicy } from "./inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const GetRolePolicy: IamOperation<"GetRolePolicy"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => ({ RoleName: input.RoleName, ...getInlinePolicy({ kind: "role", name: input.RoleName }, input.PolicyName, call) }),
};
