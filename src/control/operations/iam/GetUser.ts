import { dateOf, describedUser } from "./entities/descriptions.ts";
import { userOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { meantUserName, meantUserNeeds } from "./entities/meant-user.ts";

export const GetUser: IamOperation<"GetUser"> = {
	access: ({ UserName }, call) => meantUserNeeds(UserName, call),
	run({ UserName }, call) {
		const { type, userId, arn } = call.principal;
		// AWS: root is a user without a name.
		if (UserName === undefined && type === "Account") return { User: { UserId: userId, Arn: arn, CreateDate: dateOf() } };
		return { User: describedUser(userOf(meantUserName(UserName, call), call.records), call) };
	},
};
