import { dateOf } from "./entities/descriptions.ts";
import { userOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { meantUserName, meantUserNeeds } from "./entities/meant-user.ts";
import { markedPage } from "./entities/pages.ts";

export const ListAccessKeys: IamOperation<"ListAccessKeys"> = {
	access: ({ UserName }, call) => meantUserNeeds(UserName, call),
	run(input, call) {
		const { userName, accessKeys } = userOf(meantUserName(input.UserName, call), call.records);
		const { items, ...page } = markedPage(accessKeys, input, ({ accessKeyId }) => accessKeyId);
		const AccessKeyMetadata = items.map(({ accessKeyId, status, createDate }) => ({
			UserName: userName,
			AccessKeyId: accessKeyId,
			Status: status,
			CreateDate: dateOf(createDate),
		}));
		return { AccessKeyMetadata, ...page };
	},
};
