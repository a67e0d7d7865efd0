import { attachmentNeeds, attachPolicy } from "./entities/attached-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const AttachUserPolicy: IamOperation<"AttachUserPolicy"> = {
	access: (input, call) => attachmentNeeds({ kind: "user", name: input.UserName }, input.PolicyArn, call),
	run: (input, call) => attachPolicy({ kind: "user", name: input.UserName }, input.PolicyArn, call),
};
