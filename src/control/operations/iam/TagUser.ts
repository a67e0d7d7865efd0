import { requestTagContext } from "../../request-tags.ts";
import { entityNeed } from "./entities/entities.ts";
import { tagHolder } from "./entities/holders.ts";
import type { IamOperation } from "./iam-operation.ts";
import { modelTags } from "../../iam-tags.ts";

export const TagUser: IamOperation<"TagUser"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call, requestTagContext(modelTags(input.Tags)))],
	run: (input, call) => tagHolder({ kind: "user", name: input.UserName }, input.Tags, call),
};
