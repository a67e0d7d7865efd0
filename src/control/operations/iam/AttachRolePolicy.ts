import { attachmentNeeds, attachPolicy } from "./entities/attached-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const AttachRolePolicy: IamOperation<"AttachRolePolicy"> = {
	access: (input, call) => attachmentNeeds({ kind: "role", name: input.RoleName }, input.PolicyArn, call),
	run: (input, call) => attachPolicy({ kind: "role", name: input.RoleName }, input.PolicyArn, call),
};
