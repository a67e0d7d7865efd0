import { requestTagContext } from "../ec2/arns.ts";
import { entityNeed } from "./entities.ts";
import { tagHolder } from "./holders.ts";
import type { IamOperation } from "./iam-operation.ts";
import { modelTags } from "../../iam-tags.ts";

export const TagRole: IamOperation<"TagRole"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call, requestTagContext(modelTags(input.Tags)))],
	run: (input, call) => tagHolder({ kind: "role", name: input.RoleName }, input.Tags, call),
};
