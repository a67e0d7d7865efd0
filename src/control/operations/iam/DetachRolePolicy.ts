import { attachmentNeeds, detachPolicy } from "./entities/attached-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DetachRolePolicy: IamOperation<"DetachRolePolicy"> = {
	access: (input, call) => attachmentNeeds({ kind: "role", name: input.RoleName }, input.PolicyArn, call),
	run: (input, call) => detachPolicy({ kind: "role", name: input.RoleName }, input.PolicyArn, call),
};
