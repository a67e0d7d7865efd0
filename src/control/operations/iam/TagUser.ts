import { requestTagContext } from "../ec2/arns.ts";
import { entityNeed } from "./entities.ts";
import { tagHolder } from "./holders.ts";
import type { IamOperation } from "./iam-operation.ts";
import { modelTags } from "../../iam-tags.ts";

export const TagUser: IamOperation<"TagUser"> = {
	access: (input, call) => [entityNeed("user", input.UserName, call, requestTagContext(modelTags(input.Tags)))],
	run: (input, call) => tagHolder({ kind: "user", name: input.UserName }, input.Tags, call),
};
