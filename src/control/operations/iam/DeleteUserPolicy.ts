import { entityNeed } from "./entities/entities.ts";
import { deleteInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const DeleteUserPolicy: IamOperation<"DeleteUserPolicy"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => deleteInlinePolicy({ kind: "user", name: input.UserName }, input.PolicyName, call),
};
