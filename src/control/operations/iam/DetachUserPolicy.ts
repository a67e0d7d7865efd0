import { attachmentNeeds, detachPolicy } from "./entities/attached-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DetachUserPolicy: IamOperation<"DetachUserPolicy"> = {
	access: (input, call) => attachmentNeeds({ kind: "user", name: input.UserName }, input.PolicyArn, call),
	run: (input, call) => detachPolicy({ kind: "user", name: input.UserName }, input.PolicyArn, call),
};
