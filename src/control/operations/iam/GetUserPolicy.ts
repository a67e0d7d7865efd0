import { entityNeed } from "./entities.ts";
import { getInlinePolicy } from "./inline-policies.ts";
import type { IamOperation } from "./iam-operation.ts";

export const GetUserPolicy: IamOperation<"GetUserPolicy"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call)],
	run: (input, call) => ({ UserName: input.UserName, ...getInlinePolicy({ kind: "user", name: input.UserName }, input.PolicyName, call) }),
};
