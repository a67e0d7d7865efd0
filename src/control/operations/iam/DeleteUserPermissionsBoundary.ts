import { deleteBoundary } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteUserPermissionsBoundary: IamOperation<"DeleteUserPermissionsBoundary"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => deleteBoundary({ kind: "user", name: input.UserName }, call),
};
