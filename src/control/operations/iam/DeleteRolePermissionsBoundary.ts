import { deleteBoundary } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteRolePermissionsBoundary: IamOperation<"DeleteRolePermissionsBoundary"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call)],
	run: (input, call) => deleteBoundary({ kind: "role", name: input.RoleName }, call),
};
