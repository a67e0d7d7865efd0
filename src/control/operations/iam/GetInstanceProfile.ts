import { describedProfile } from "./entities/descriptions.ts";
import { entityNeed, profileOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

export const GetInstanceProfile: IamOperation<"GetInstanceProfile"> = {
	access: ({ InstanceProfileName }, call) => [entityNeed("instance-profile", InstanceProfileName, call)],
	run: ({ InstanceProfileName }, call) => ({ InstanceProfile: describedProfile(profileOf(InstanceProfileName, call.records), call) }),
};
