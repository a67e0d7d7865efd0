import { constraintViolated } from "../../errors.ts";
import { noSuchAccessKey, noSuchUser } from "../../iam-errors.ts";
import type { IamOperation } from "./iam-operation.ts";
import { meantUserName, meantUserNeeds } from "./entities/meant-user.ts";

/** Turns a key off, and on again. */
export const UpdateAccessKey: IamOperation<"UpdateAccessKey"> = {
	access: ({ UserName }, call) => meantUserNeeds(UserName, call),
	async run({ UserName, AccessKeyId, Status }, call) {
		const userName = meantUserName(UserName, call);
		// AWS: keys expire by themselves, and nobody else makes them.
		if (Status === "Expired") throw constraintViolated("status", Status, "satisfy enum value set: [Active, Inactive]");
		const after = await call.inventory.update("user", userName, (before) => {
			if (!before.accessKeys.some(({ accessKeyId }) => accessKeyId === AccessKeyId)) throw noSuchAccessKey(AccessKeyId);
			const accessKeys = before.accessKeys.map((key) => (key.accessKeyId === AccessKeyId ? { ...key, status: Status } : key));
			return { ...before, accessKeys };
		});
		if (after === undefined) throw noSuchUser(userName);
	},
};
