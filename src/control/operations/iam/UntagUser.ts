import { entityNeed } from "./entities/entities.ts";
import { untagHolder } from "./entities/holders.ts";
import type { IamOperation } from "./iam-operation.ts";

export const UntagUser: IamOperation<"UntagUser"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call, { "aws:TagKeys": input.TagKeys })],
	run: (input, call) => untagHolder({ kind: "user", name: input.UserName }, input.TagKeys, call),
};
