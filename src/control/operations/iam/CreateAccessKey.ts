import type { AccessKey } from "../../../model/iam.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { noSuchUser, quotaExceeded } from "../../iam-errors.ts";
import { dateOf } from "./entities/descriptions.ts";
import type { IamOperation } from "./iam-operation.ts";
import { meantUserName, meantUserNeeds } from "./entities/meant-user.ts";

const KEYS_MAX = 2;

/** Tells the key's secret, this once. */
export const CreateAccessKey: IamOperation<"CreateAccessKey"> = {
	access: ({ UserName }, call) => meantUserNeeds(UserName, call),
	async run(input, call) {
		const userName = meantUserName(input.UserName, call);
		const accessKeyId = call.credentials.newAccessKeyId();
		const key: AccessKey = { accessKeyId, status: "Active", createDate: timestamp(call.nowMs) };
		const after = await call.inventory.update("user", userName, (before) => {
			if (before.accessKeys.length >= KEYS_MAX) throw quotaExceeded("AccessKeysPerUser", KEYS_MAX);
			return { ...before, accessKeys: [...before.accessKeys, key] };
		});
		if (after === undefined) throw noSuchUser(userName);
		return {
			AccessKey: {
				UserName: userName,
				AccessKeyId: accessKeyId,
				Status: key.status,
				SecretAccessKey: call.credentials.secretOf(accessKeyId),
				CreateDate: dateOf(key.createDate),
			},
		};
	},
};
