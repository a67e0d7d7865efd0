import { describedRole } from "./entities/descriptions.ts";
import { entityNeed, roleOf } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";

/** Gap: it is not written down when a role was last used. */
export const GetRole: IamOperation<"GetRole"> = {
	access: ({ RoleName }, call) => [entityNeed("role", RoleName, call)],
	run: ({ RoleName }, call) => ({ Role: { ...describedRole(roleOf(RoleName, call.records), call), RoleLastUsed: {} } }),
};
