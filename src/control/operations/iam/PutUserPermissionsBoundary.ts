import { putBoundary } from "./entities/attached-policies.ts";
import { entityNeed } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

/** AWS: the condition key tells the boundary that is asked for, not the one that is there. */
export const PutUserPermissionsBoundary: IamOperation<"PutUserPermissionsBoundary"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call, { "iam:PermissionsBoundary": input.PermissionsBoundary })],
	run: (input, call) => putBoundary({ kind: "user", name: input.UserName }, input.PermissionsBoundary, call),
};
