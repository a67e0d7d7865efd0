import { entityNeed } from "./entities/entities.ts";
import { untagHolder } from "./entities/holders.ts";
import type { IamOperation } from "./iam-operation.ts";

export const UntagRole: IamOperation<"UntagRole"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call, { "aws:TagKeys": input.TagKeys })],
	run: (input, call) => untagHolder({ kind: "role", name: input.RoleName }, input.TagKeys, call),
};
