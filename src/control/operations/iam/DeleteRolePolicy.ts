import { entityNeed } from "./entities/entities.ts";
import { deleteInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteRolePolicy: IamOperation<"DeleteRolePolicy"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => deleteInlinePolicy({ kind: "role", name: input.RoleName }, input.PolicyName, call),
};
