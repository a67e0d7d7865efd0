import type { User } from "../../../model/iam.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { alreadyExists } from "../../iam-errors.ts";
import { checkBoundary } from "./entities/attached-policies.ts";
import { describedUser } from "./entities/descriptions.ts";
import { createNamed, creationNeeds } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPath, checkName } from "./entities/names.ts";
import { newIamId } from "./entities/new-iam-id.ts";
import { checkTags, modelTags } from "../../iam-tags.ts";

export const CreateUser: IamOperation<"CreateUser"> = {
	access: ({ UserName, Path, Tags, PermissionsBoundary }, call) =>
		creationNeeds("user", { name: UserName, Path, Tags }, call, {
			tagAction: "iam:TagUser",
			context: { "iam:PermissionsBoundary": PermissionsBoundary },
		}),
	async run({ UserName, Path, PermissionsBoundary, Tags = [] }, call) {
		checkName("userName", UserName);
		checkTags(Tags);
		const user: User = {
			userName: UserName,
			userId: newIamId("AIDA"),
			path: checkedPath(Path),
			accessKeys: [],
			createDate: timestamp(call.nowMs),
			...(PermissionsBoundary !== undefined && { permissionsBoundary: PermissionsBoundary }),
			...(Tags.length > 0 && { tags: modelTags(Tags) }),
		};
		await createNamed("user", user, call, {
			taken: alreadyExists(`User with name ${UserName}`),
			check: (records) => {
				if (PermissionsBoundary !== undefined) checkBoundary(PermissionsBoundary, records, call.account);
			},
		});
		return { User: describedUser(user, call) };
	},
};
