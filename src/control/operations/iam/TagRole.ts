import { requestTagContext } from "../../request-tags.ts";
import { entityNeed } from "./entities/entities.ts";
import { tagHolder } from "./entities/holders.ts";
import type { IamOperation } from "./iam-operation.ts";
import { modelTags } from "../../iam-tags.ts";

export const TagRole: IamOperation<"TagRole"> = {
	access: (input, call) => [entityNeed("role", input.RoleName, call, requestTagContext(modelTags(input.Tags)))],
	run: (input, call) => tagHolder({ kind: "role", name: input.RoleName }, input.Tags, call),
};
