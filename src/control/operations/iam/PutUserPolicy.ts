import { entityNeed } from "./entities/entities.ts";
import { putInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const PutUserPolicy: IamOperation<"PutUserPolicy"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => putInlinePolicy({ kind: "user", name: input.UserName }, input, call),
};
