import { putBoundary } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

/** AWS: the condition key tells the boundary that is asked for, not the one that is there. */
export const PutRolePermissionsBoundary: IamOperation<"PutRolePermissionsBoundary"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call, { "iam:PermissionsBoundary": input.PermissionsBoundary })],
	run: (input, call) => putBoundary({ kind: "role", name: input.RoleName }, input.PermissionsBoundary, call),
};
