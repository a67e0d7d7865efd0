import { noSuchAccessKey, noSuchUser } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { meantUserName, meantUserNeeds } from "./entities/meant-user.ts";

export const DeleteAccessKey: IamOperation<"DeleteAccessKey"> = {
	access: ({ UserName }, call) => meantUserNeeds(UserName, call),
	async run({ UserName, AccessKeyId }, call) {
		const userName = meantUserName(UserName, call);
		const after = await call.inventory.update("user", userName, (before) => {
			const accessKeys = before.accessKeys.filter(({ accessKeyId }) => accessKeyId !== AccessKeyId);
			if (accessKeys.length === before.accessKeys.length) throw noSuchAccessKey(AccessKeyId);
			return { ...before, accessKeys };
		});
		if (after === undefined) throw noSuchUser(userName);
	},
};
