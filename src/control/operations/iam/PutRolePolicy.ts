import { entityNeed } from "./entities/entities.ts";
import { putInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const PutRolePolicy: IamOperation<"PutRolePolicy"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => putInlinePolicy({ kind: "role", name: input.RoleName }, input, call),
};
