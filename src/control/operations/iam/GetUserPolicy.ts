import { entityNeed } from "./entities/entities.ts";
import { getInlinePolicy } from "./entities/inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const GetUserPolicy: IamOperation<"GetUserPolicy"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => ({ UserName: input.UserName, ...getInlinePolicy({ kind: "user", name: input.UserName }, input.PolicyName, call) }),
};
